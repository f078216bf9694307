package org.culvert.core.config;

/** A value that cannot be taken: what is wrong with it, and what would be right. Which key and line it was, the caller knows. */
final class BadValue extends Exception {
    private static final long serialVersionUID = 1L;

    private final String cause;
    private final String hint;

    BadValue(String cause, String hint) {
        super(cause + "; " + hint, null, false, false);
        this.cause = cause;
        this.hint = hint;
    }

    String cause() {
        return cause;
    }

    String hint() {
        return hint;
    }
}
