package org.culvert.core.crypto;

/** A cipher backend that was asked for and cannot be used; the message says why and what to do. */
public final class CipherUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    CipherUnavailableException(String message) {
        super(message);
    }

    CipherUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
