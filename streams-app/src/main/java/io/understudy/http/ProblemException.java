package io.understudy.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** A request that cannot be followed, told as a problem document (RFC 9457). */
public final class ProblemException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final transient Map<String, JsonNode> members = new LinkedHashMap<>();
    private final transient Map<String, String> headers = new LinkedHashMap<>();

    /**
     * A problem.
     *
     * @param status HTTP status, 400 to 599
     * @param detail what was wrong, where, and what is allowed
     */
    public ProblemException(int status, String detail) {
        super(detail);
        this.status = status;
    }

    /** Adds a member of the document's own. */
    public ProblemException with(String member, JsonNode value) {
        members.put(member, value);
        return this;
    }

    /** Adds a header of the response. */
    public ProblemException withHeader(String name, String value) {
        headers.put(name, value);
        return this;
    }

    int status() {
        return status;
    }

    Map<String, JsonNode> members() {
        return members;
    }

    Map<String, String> headers() {
        return headers;
    }
}
