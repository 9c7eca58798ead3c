/** The topics: their names, types, partitions and retention, and the tool that creates and checks them. */
package io.understudy.topics;
