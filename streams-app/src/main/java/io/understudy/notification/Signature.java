package io.understudy.notification;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import org.apache.commons.codec.digest.HmacAlgorithms;
import org.apache.commons.codec.digest.HmacUtils;

/**
 * The signature of the Standard Webhooks specification 1.0: HMAC-SHA-256 of {@code id.timestamp.body}, in Base64. A
 * receiver computes the signature from the request, compares the two, and refuses an old timestamp.
 */
final class Signature {

    private static final String BASE64_PREFIX = "whsec_";

    private final byte[] key;

    /**
     * Creates signatures with one key.
     *
     * @param secret the key as plain text, or in Base64 after {@code whsec_}
     * @throws IllegalArgumentException when the text after {@code whsec_} is not Base64
     */
    Signature(String secret) {
        this.key = secret.startsWith(BASE64_PREFIX)
                ? Base64.getDecoder().decode(secret.substring(BASE64_PREFIX.length()))
                : secret.getBytes(UTF_8);
    }

    /** The value of the header {@code webhook-signature}. */
    String of(String id, long timestampSeconds, String body) {
        byte[] signed = (id + "." + timestampSeconds + "." + body).getBytes(UTF_8);
        return "v1," + Base64.getEncoder().encodeToString(new HmacUtils(HmacAlgorithms.HMAC_SHA_256, key).hmac(signed));
    }
}
