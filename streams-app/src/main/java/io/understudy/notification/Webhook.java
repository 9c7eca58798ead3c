package io.understudy.notification;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * A receiver of events.
 *
 * @param format document format of the events
 * @param url URL that receives the events; it may contain a secret, so it is not logged
 */
public record Webhook(Format format, URI url) {

    private static final int ID_LENGTH = 12;

    /** An identifier that is the same after a restart and does not reveal the URL. */
    public String id() {
        return format.code() + "-"
                + DigestUtils.sha256Hex(url.toString().getBytes(UTF_8)).substring(0, ID_LENGTH);
    }

    @Override
    public String toString() {
        return format.code() + " webhook at " + url.getHost();
    }
}
