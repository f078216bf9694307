package org.culvert.keymgmt.trust;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A key, certificate, request or CRL that cannot be used: which file, why, and what to do about it. The message is one line:
 * "host.key: readable by others (mode 0644); run chmod 600 host.key".
 */
public final class CredentialException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Path file;
    private final String reason;
    private final String hint;

    /**
     * Text taken from the file is made printable, for it goes to terminals and logs.
     *
     * @param reason what is wrong, several things separated by ", "
     * @param hint what to do; may be empty
     */
    public CredentialException(Path file, String reason, String hint) {
        this(file, reason, hint, null);
    }

    public CredentialException(Path file, String reason, String hint, @Nullable Throwable cause) {
        super(cause);
        this.file = file;
        this.reason = Printable.of(reason);
        this.hint = hint;
    }

    /** The whole line. */
    @Override
    public String getMessage() {
        return file + ": " + reason + (hint.isEmpty() ? "" : "; " + hint);
    }

    public Path file() {
        return file;
    }

    public String reason() {
        return reason;
    }

    /** What to do, or empty. */
    public String hint() {
        return hint;
    }
}
