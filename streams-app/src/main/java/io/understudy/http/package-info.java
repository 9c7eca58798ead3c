/** What all HTTP servers of a process share: limits, problem documents, health, readiness and metrics. */
@NullMarked
package io.understudy.http;

import org.jspecify.annotations.NullMarked;
