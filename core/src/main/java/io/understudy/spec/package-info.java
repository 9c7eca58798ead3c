/**
 * Specifications: documents in YAML or JSON that people and programs write. A document is read as a whole, and every
 * fault in it is reported with its path and its line.
 */
@NullMarked
package io.understudy.spec;

import org.jspecify.annotations.NullMarked;
