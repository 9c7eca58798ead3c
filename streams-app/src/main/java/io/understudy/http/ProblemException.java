package io.understudy.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** A request that cannot be fulfilled. The client receives a problem document (RFC 9457). */
public final class ProblemException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String detail;
    private final transient Map<String, JsonNode> members = new LinkedHashMap<>();
    private final transient Map<String, String> headers = new LinkedHashMap<>();

    /**
     * A problem.
     *
     * @param status HTTP status, 400 to 599
     * @param detail what is wrong, where, and what is allowed
     */
    public ProblemException(int status, String detail) {
        super(detail);
        this.status = status;
        this.detail = detail;
    }

    /** Adds an extension member to the document. */
    public ProblemException with(String member, JsonNode value) {
        members.put(member, value);
        return this;
    }

    /** Adds a header to the response. */
    public ProblemException withHeader(String name, String value) {
        headers.put(name, value);
        return this;
    }

    int status() {
        return status;
    }

    String detail() {
        return detail;
    }

    Map<String, JsonNode> members() {
        return members;
    }

    Map<String, String> headers() {
        return headers;
    }
}
