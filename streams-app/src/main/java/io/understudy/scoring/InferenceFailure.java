package io.understudy.scoring;

import io.understudy.outbound.AnswerTooLongException;
import io.understudy.outbound.HostRefusedException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** Why a call to an inference server has no answer. */
enum InferenceFailure {
    /** The whole answer was not there in time. */
    TIMEOUT,
    /** There was no connection, so the server has not scored the request. */
    NOT_CONNECTED,
    /** The answer was longer than allowed. */
    ANSWER_TOO_LONG,
    /** The server's address may not be called. */
    HOST_REFUSED,
    /** Too many calls wait already. */
    OVERLOAD,
    /** The server broke the connection, or its answer is not HTTP. */
    BROKEN;

    static InferenceFailure of(Throwable failure) {
        Throwable cause = cause(failure);
        if (cause instanceof SocketTimeoutException
                || cause instanceof ConnectException
                || cause instanceof UnknownHostException) {
            return NOT_CONNECTED;
        }
        if (cause instanceof TimeoutException) {
            return TIMEOUT;
        }
        if (cause instanceof AnswerTooLongException) {
            return ANSWER_TOO_LONG;
        }
        return cause instanceof HostRefusedException ? HOST_REFUSED : BROKEN;
    }

    /** The value of the meters' tag. */
    String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static String describe(Throwable failure) {
        Throwable cause = cause(failure);
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private static Throwable cause(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
