/** The router. It finds the deployment of each request and forwards the request's bytes, unchanged, to the lanes. */
@NullMarked
package io.understudy.routing;

import org.jspecify.annotations.NullMarked;
