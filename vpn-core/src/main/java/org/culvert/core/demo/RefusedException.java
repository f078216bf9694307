package org.culvert.core.demo;

/** This machine cannot run the demo; the message says what is missing and what to do about it. */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    public RefusedException(String message) {
        super(message);
    }
}
