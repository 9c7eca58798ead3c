package io.understudy.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.understudy.http.ProblemException;
import java.net.URI;
import java.security.MessageDigest;
import java.time.Duration;
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
    private static final int TOO_MANY_REQUESTS = 429;
    private static final String BEARER = "bearer ";
    private static final Set<String> LOOPBACK_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

    private final byte[] token;
    private final boolean loopback;
    private final String host;
    private final Proxies proxies;
    private final GuessLimit guesses;
    private final ConsoleMeters meters;

    /**
     * Creates the rules of one console.
     *
     * @param token token that a client must send
     * @param loopback whether only this machine can reach the console; then every user of the machine may read without
     * the token
     * @param host address or name that the console listens on
     * @param proxies whose word is taken for where a request comes from
     */
    Access(String token, boolean loopback, String host, Proxies proxies, GuessLimit guesses, ConsoleMeters meters) {
        this.token = token.getBytes(UTF_8);
        this.host = host.toLowerCase(Locale.ROOT);
        this.loopback = loopback;
        this.proxies = proxies;
        this.guesses = guesses;
        this.meters = meters;
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

    private void checkOrigin(Context context) {
        String origin = context.header("Origin");
        if (origin != null && !isOwn(origin, context)) {
            throw new ProblemException(
                    FORBIDDEN, "a page of " + origin + " may not use this console; only the console's own page may");
        }
        if ("cross-site".equals(context.header("Sec-Fetch-Site"))
                && !context.method().equals(HandlerType.GET)) {
            throw new ProblemException(
                    FORBIDDEN, "a page of another site may not use this console; only the console's own page may");
        }
    }

    /** Whether {@code origin} is that of the console's own page, as the browser sees it: perhaps through a proxy. */
    private boolean isOwn(String origin, Context context) {
        String requested = proxies.forwarded(context, "X-Forwarded-Host").orElse(context.header("Host"));
        boolean secure = context.req().isSecure()
                || proxies.forwarded(context, "X-Forwarded-Proto")
                        .filter("https"::equalsIgnoreCase)
                        .isPresent();
        try {
            URI page = URI.create(origin);
            // Anyone on the network can forge the page of an http address.
            return requested != null
                    && requested.equalsIgnoreCase(page.getAuthority())
                    && (!secure || "https".equalsIgnoreCase(page.getScheme()));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private void checkToken(Context context) {
        String header = context.header("Authorization");
        boolean bearer = header != null && header.toLowerCase(Locale.ROOT).startsWith(BEARER);
        byte[] presented = bearer ? header.substring(BEARER.length()).strip().getBytes(UTF_8) : new byte[0];
        String client = proxies.client(context);
        if (bearer) {
            guesses.wait(client).ifPresent(Access::refuse);
        }
        // Compares in constant time.
        if (MessageDigest.isEqual(token, presented)) {
            guesses.right(client);
        } else {
            if (bearer) {
                guesses.wrong(client);
                meters.wrongToken();
            }
            throw new ProblemException(
                            UNAUTHORIZED,
                            bearer
                                    ? "this is not the token of this console"
                                    : "a token is needed: Authorization: Bearer TOKEN; use the token from console.token,"
                                            + " or the one that was printed when the console started")
                    .withHeader("WWW-Authenticate", "Bearer realm=\"understudy\"");
        }
    }

    private static void refuse(Duration wait) {
        long seconds = wait.toSeconds() + 1;
        throw new ProblemException(
                        TOO_MANY_REQUESTS,
                        "too many wrong tokens; no token is looked at for " + seconds + " s, not even the right one")
                .withHeader("Retry-After", Long.toString(seconds));
    }
}
