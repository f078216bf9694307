package org.culvert.core.crypto;

/**
 * No usable cipher: the one that was asked for is missing or refused, or none gives right answers. The message says
 * why and what to do; it is for the operator, and the gateway does not start.
 */
public final class CipherUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CipherUnavailableException(String message) {
        super(message);
    }

    CipherUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
