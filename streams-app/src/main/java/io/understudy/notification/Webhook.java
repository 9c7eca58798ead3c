package io.understudy.notification;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Where events are told.
 *
 * @param format how
 * @param url where; it may have a secret in it and is not logged
 */
public record Webhook(Format format, URI url) {

    private static final int ID_LENGTH = 12;

    /** A name that is the same after a restart and tells nothing of the URL. */
    public String id() {
        return format.code() + "-"
                + DigestUtils.sha256Hex(url.toString().getBytes(UTF_8)).substring(0, ID_LENGTH);
    }

    @Override
    public String toString() {
        return format.code() + " webhook at " + url.getHost();
    }
}
