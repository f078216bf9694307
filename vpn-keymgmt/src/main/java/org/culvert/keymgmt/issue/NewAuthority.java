package org.culvert.keymgmt.issue;

import java.nio.file.Path;
import java.time.Duration;
import org.culvert.keymgmt.trust.Printable;

/**
 * A CA to be made.
 *
 * @param folder made when it is not there (0700); must not hold a CA
 * @param name what people see, 1 to 64 printable ASCII characters
 */
public record NewAuthority(Path folder, String name, Duration life, Limits limits) {
    /** Checks the name; throws IllegalArgumentException. */
    public NewAuthority {
        if (name.isBlank() || name.length() > 64 || !Printable.of(name).equals(name)) {
            throw new IllegalArgumentException("a CA's name is 1 to 64 printable ASCII characters");
        }
    }
}
