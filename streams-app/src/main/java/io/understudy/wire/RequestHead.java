package io.understudy.wire;

/**
 * The leading fields of a prediction request.
 *
 * @param requestId identifier of the request, never empty
 * @param deployment deployment that should answer; may be empty
 */
public record RequestHead(String requestId, String deployment) {}
