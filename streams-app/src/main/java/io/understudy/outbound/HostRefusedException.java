package io.understudy.outbound;

import java.io.IOException;

/** Thrown for a host that {@link AllowedHosts} does not allow. The message says which setting would allow it. */
public final class HostRefusedException extends IOException {

    private static final long serialVersionUID = 1L;

    HostRefusedException(String message) {
        super(message);
    }
}
