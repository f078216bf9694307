package org.culvert.keymgmt.trust;

import java.util.Optional;

/**
 * Names of hosts and groups: DNS-like, lower-case ASCII. So narrow because the name is hashed into the keys (two spellings would
 * be two hosts), names a file, and is printed everywhere.
 */
public final class HostName {
    /** ub-common-name of RFC 5280: a longer CN is not a certificate openssl makes. */
    private static final int LONGEST = 64;

    private static final int LONGEST_LABEL = 63;

    private HostName() {}

    /** What is wrong with a name, or empty when it is good. */
    public static Optional<String> fault(String name) {
        if (name.isEmpty() || name.length() > LONGEST) {
            return Optional.of(
                    name.isEmpty() ? "the name is empty" : "the name has more than " + LONGEST + " characters");
        }
        for (String label : name.split("\\.", -1)) {
            if (label.isEmpty() || label.length() > LONGEST_LABEL || label.startsWith("-") || label.endsWith("-")) {
                return Optional.of(
                        "the name '" + name + "' has a part that is empty, too long, or begins or ends with '-'");
            }
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.') {
                return Optional.of("the name '" + name + "' has a character other than a-z, 0-9, '-' and '.'");
            }
        }
        return Optional.empty();
    }
}
