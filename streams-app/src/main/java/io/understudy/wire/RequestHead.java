package io.understudy.wire;

/**
 * The leading fields of a prediction request.
 *
 * @param requestId the request's identifier, never empty
 * @param deployment the deployment that is to answer; may be empty
 */
public record RequestHead(String requestId, String deployment) {}
