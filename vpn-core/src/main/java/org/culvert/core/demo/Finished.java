package org.culvert.core.demo;

import java.io.IOException;
import java.util.List;

/** A program that has ended: what was called, how it ended, what it said. */
public record Finished(List<String> command, int code, String out, String err) {
    /**
     * Itself, for going on.
     *
     * @throws IOException when the program reported a failure, with its own words
     */
    public Finished succeeded() throws IOException {
        if (code != 0) {
            String said = (err.isBlank() ? out : err).strip();
            throw new IOException("`%s` ended with %d: %s".formatted(String.join(" ", command), code, said));
        }
        return this;
    }
}
