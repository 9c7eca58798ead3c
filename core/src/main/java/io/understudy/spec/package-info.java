/** What people write, as YAML: read as a whole, every fault named by its path and line. */
package io.understudy.spec;
