/** What every HTTP server of a process does: limits, problem documents, health, readiness and metrics. */
package io.understudy.http;
