package io.understudy.notification;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import org.apache.commons.codec.digest.HmacAlgorithms;
import org.apache.commons.codec.digest.HmacUtils;

/**
 * The signature of the Standard Webhooks specification 1.0: HMAC-SHA-256, in Base64, of {@code id.timestamp.body}. A receiver makes it
 * anew from what it got, compares it, and refuses an old timestamp.
 */
final class Signature {

    private static final String ENCODED = "whsec_";

    private final byte[] key;

    /** @param secret the key as it is, or in Base64 after {@code whsec_} */
    Signature(String secret) {
        this.key = secret.startsWith(ENCODED)
                ? Base64.getDecoder().decode(secret.substring(ENCODED.length()))
                : secret.getBytes(UTF_8);
    }

    /** The header {@code webhook-signature}. */
    String of(String id, long timestampSeconds, String body) {
        byte[] signed = (id + "." + timestampSeconds + "." + body).getBytes(UTF_8);
        return "v1," + Base64.getEncoder().encodeToString(new HmacUtils(HmacAlgorithms.HMAC_SHA_256, key).hmac(signed));
    }
}
