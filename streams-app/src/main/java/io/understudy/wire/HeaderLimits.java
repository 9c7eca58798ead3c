package io.understudy.wire;

import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.utils.Utils;

/**
 * How many headers a record may bring, and how large they may be together. Headers are copied for each lane and kept
 * with each waiting request as objects, so many small ones take far more memory than their bytes.
 */
public final class HeaderLimits {

    /** The maximum number of headers. */
    public static final int MAX_HEADERS = 1000;

    /** The maximum size of all names and values together, bytes. */
    public static final int MAX_BYTES = 64 * 1024;

    private HeaderLimits() {}

    /** What exceeds the limits, for people; empty if the headers are within them. */
    public static Optional<String> excess(Headers headers) {
        int count = 0;
        long bytes = 0;
        for (Header header : headers) {
            count++;
            bytes += Utils.utf8Length(header.key()) + (header.value() == null ? 0 : header.value().length);
        }
        if (count > MAX_HEADERS) {
            return Optional.of(count + " headers; at most " + MAX_HEADERS + " are allowed");
        }
        return bytes > MAX_BYTES
                ? Optional.of("headers of " + bytes + " bytes; at most " + MAX_BYTES + " are allowed")
                : Optional.empty();
    }
}
