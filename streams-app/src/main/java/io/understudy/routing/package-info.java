/** The router: looks each request's deployment up and forwards the request's bytes, unchanged, to the lanes. */
package io.understudy.routing;
