/** The reference page, rendered from the code. */
package io.understudy.docs;
