package io.understudy.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.understudy.http.ProblemException;
import java.net.URI;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Set;

/**
 * Who may look and who may command. Nothing is granted by what a browser sends on its own accord: a command needs the token in a header,
 * which a page of another origin neither knows nor may send.
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
     * @param token what a client must show
     * @param loopback whether only this machine can reach the console, which lets everybody on it look
     * @param host the address or name that it listens on
     */
    Access(String token, boolean loopback, String host) {
        this.token = token.getBytes(UTF_8);
        this.host = host.toLowerCase(Locale.ROOT);
        this.loopback = loopback;
    }

    /** Refuses a request that may not look, or whose page came from elsewhere. */
    void checkLook(Context context) {
        checkHost(context);
        checkOrigin(context);
        if (!loopback) {
            checkToken(context);
        }
    }

    /** Refuses a request that may not command. */
    void checkCommand(Context context) {
        checkHost(context);
        checkOrigin(context);
        checkToken(context);
    }

    /** A name of somebody else's that is made to point to this machine (DNS rebinding) is no name of this console. */
    private void checkHost(Context context) {
        String asked = withoutPort(context.header("Host"));
        if (loopback && !LOOPBACK_NAMES.contains(asked) && !asked.equals(host)) {
            throw new ProblemException(
                    FORBIDDEN, "this console listens to this machine alone; ask for it by localhost or 127.0.0.1");
        }
    }

    private static String withoutPort(String host) {
        return host == null ? "" : host.toLowerCase(Locale.ROOT).replaceFirst(":\\d+$", "");
    }

    private static void checkOrigin(Context context) {
        String origin = context.header("Origin");
        if (origin != null && !isOf(origin, context.header("Host"))) {
            throw new ProblemException(
                    FORBIDDEN, "a page of " + origin + " may not use this console; only its own page may");
        }
        if ("cross-site".equals(context.header("Sec-Fetch-Site")) && context.method() != HandlerType.GET) {
            throw new ProblemException(FORBIDDEN, "a page of another site may not use this console; only its own may");
        }
    }

    private static boolean isOf(String origin, String host) {
        try {
            return host != null && host.equalsIgnoreCase(URI.create(origin).getAuthority());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private void checkToken(Context context) {
        String header = context.header("Authorization");
        boolean bearer = header != null && header.toLowerCase(Locale.ROOT).startsWith(BEARER);
        byte[] shown = bearer ? header.substring(BEARER.length()).strip().getBytes(UTF_8) : new byte[0];
        // Takes as long whatever is wrong with it.
        if (!MessageDigest.isEqual(token, shown)) {
            throw new ProblemException(
                            UNAUTHORIZED,
                            bearer
                                    ? "the token is not this console's"
                                    : "a token is needed: Authorization: Bearer TOKEN; it is the one of console.token,"
                                            + " or the one printed when the console started")
                    .withHeader("WWW-Authenticate", "Bearer realm=\"understudy\"");
        }
    }
}
