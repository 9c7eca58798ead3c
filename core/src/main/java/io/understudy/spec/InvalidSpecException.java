package io.understudy.spec;

import java.util.List;

/** Thrown for a specification that cannot be used. It lists every fault with its path, not only the first. */
public final class InvalidSpecException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient List<String> faults;

    InvalidSpecException(List<String> faults) {
        super(String.join("; ", faults));
        this.faults = List.copyOf(faults);
    }

    /** Every fault as {@code path: what is wrong and what is allowed}, in the order in which the reader found them. */
    public List<String> faults() {
        return faults;
    }
}
