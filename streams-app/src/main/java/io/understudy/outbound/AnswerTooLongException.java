package io.understudy.outbound;

import java.io.IOException;

/** Thrown for an answer that is longer than the caller allows. */
public final class AnswerTooLongException extends IOException {

    private static final long serialVersionUID = 1L;

    AnswerTooLongException(int maxBytes) {
        super("the answer has more than " + maxBytes + " bytes");
    }
}
