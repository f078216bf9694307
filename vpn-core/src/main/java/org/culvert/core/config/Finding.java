package org.culvert.core.config;

import java.nio.file.Path;
import org.culvert.core.log.OneLine;

/**
 * One thing that is wrong with a configuration.
 *
 * @param file as the administrator named it
 * @param line from 1; 0 when it is the file as a whole
 * @param cause what is wrong, without a full stop
 * @param hint what to do about it; empty only when there is nothing to say
 */
public record Finding(Path file, int line, String cause, String hint) {
    private static final int LONGEST_CHARS = 400;

    public Finding {
        cause = OneLine.of(cause, LONGEST_CHARS);
        hint = OneLine.of(hint, LONGEST_CHARS);
    }

    /** {@code culvert.toml:7: unknown key `endpont` in [[peer]]; did you mean `endpoint`?}, always one line. */
    @Override
    public String toString() {
        return OneLine.of(file.toString()) + (line > 0 ? ":" + line : "") + ": " + cause
                + (hint.isEmpty() ? "" : "; " + hint);
    }
}
