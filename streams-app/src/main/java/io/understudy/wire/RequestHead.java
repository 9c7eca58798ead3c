package io.understudy.wire;

/**
 * The leading fields of a prediction request.
 *
 * @param requestId identifier of the request, never empty
 * @param deployment deployment that should answer; may be empty
 */
public record RequestHead(String requestId, String deployment) {

    /** The maximum length of an identifier. It is part of each answer, join and log line. */
    private static final int MAX_REQUEST_ID_LENGTH = 1000;

    /**
     * Checks the length of an identifier in a request, an answer or an outcome.
     *
     * @throws UnusableRecordException if it is too long
     */
    public static void checkRequestId(String requestId) throws UnusableRecordException {
        if (requestId.length() > MAX_REQUEST_ID_LENGTH) {
            throw new UnusableRecordException(
                    DeadLetterReason.TOO_LARGE,
                    "request_id has " + requestId.length() + " characters; at most " + MAX_REQUEST_ID_LENGTH
                            + " are allowed");
        }
    }
}
