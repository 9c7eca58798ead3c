package io.understudy.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.understudy.http.ProblemException;
import java.net.URI;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may read and who may send commands. Nothing that a browser sends automatically grants access: a command
 * needs the token in a header, and a page of another origin neither knows the token nor may send the header.
 */
final class Access {

    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final String BEARER = "bearer ";
    private static final Set<String> LOOPBACK_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

    private final byte[] token;
    private final boolean loopback;
    private final String host;

    /**
     * Creates the rules of one console.
     *
     * @param token token that a client must send
     * @param loopback whether only this machine can reach the console; then every user of the machine may read without
     * the token
     * @param host address or name that the console listens on
     */
    Access(String token, boolean loopback, String host) {
        this.token = token.getBytes(UTF_8);
        this.host = host.toLowerCase(Locale.ROOT);
        this.loopback = loopback;
    }

    /** Refuses a request that may not read, or that comes from the page of another site. */
    void checkRead(Context context) {
        checkHost(context);
        checkOrigin(context);
        if (!loopback) {
            checkToken(context);
        }
    }

    /** Refuses a request that may not send a command. */
    void checkCommand(Context context) {
        checkHost(context);
        checkOrigin(context);
        checkToken(context);
    }

    /** Refuses a foreign host name that was made to point to this machine (DNS rebinding). */
    private void checkHost(Context context) {
        String requested = withoutPort(context.header("Host"));
        if (loopback && !LOOPBACK_NAMES.contains(requested) && !requested.equals(host)) {
            throw new ProblemException(
                    FORBIDDEN, "this console only serves this machine; use localhost or 127.0.0.1 as the host name");
        }
    }

    private static String withoutPort(@Nullable String host) {
        return host == null ? "" : host.toLowerCase(Locale.ROOT).replaceFirst(":\\d+$", "");
    }

    private static void checkOrigin(Context context) {
        String origin = context.header("Origin");
        if (origin != null && !isSameHost(origin, context.header("Host"))) {
            throw new ProblemException(
                    FORBIDDEN, "a page of " + origin + " may not use this console; only the console's own page may");
        }
        if ("cross-site".equals(context.header("Sec-Fetch-Site"))
                && !context.method().equals(HandlerType.GET)) {
            throw new ProblemException(
                    FORBIDDEN, "a page of another site may not use this console; only the console's own page may");
        }
    }

    private static boolean isSameHost(String origin, @Nullable String host) {
        try {
            return host != null && host.equalsIgnoreCase(URI.create(origin).getAuthority());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private void checkToken(Context context) {
        String header = context.header("Authorization");
        boolean bearer = header != null && header.toLowerCase(Locale.ROOT).startsWith(BEARER);
        byte[] presented = bearer ? header.substring(BEARER.length()).strip().getBytes(UTF_8) : new byte[0];
        // Compares in constant time.
        if (!MessageDigest.isEqual(token, presented)) {
            throw new ProblemException(
                            UNAUTHORIZED,
                            bearer
                                    ? "this is not the token of this console"
                                    : "a token is needed: Authorization: Bearer TOKEN; use the token from console.token,"
                                            + " or the one that was printed when the console started")
                    .withHeader("WWW-Authenticate", "Bearer realm=\"understudy\"");
        }
    }
}
