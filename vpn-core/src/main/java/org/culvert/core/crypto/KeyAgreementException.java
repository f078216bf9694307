package org.culvert.core.crypto;

/** A pair of keys that gives no usable master secret; the message says which key and why. Never holds key bytes. */
public final class KeyAgreementException extends Exception {
    private static final long serialVersionUID = 1L;

    KeyAgreementException(String message) {
        super(message);
    }

    KeyAgreementException(String message, Throwable cause) {
        super(message, cause);
    }
}
