package org.culvert.core.cli;

import java.util.ArrayList;
import java.util.List;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.issue.CertificateAuthority;

/** Words on the command line turned into values; what is wrong becomes an IllegalArgumentException that says so. */
final class Options {
    private Options() {}

    static void atLeastOneDay(int days) {
        if (days < 1 || days > 36_500) {
            throw new IllegalArgumentException("--days " + days + " is not between 1 and 36500");
        }
    }

    static List<Prefix> prefixes(List<String> texts) {
        List<Prefix> prefixes = new ArrayList<>();
        for (String text : texts) {
            prefixes.add(Prefix.parse(text));
        }
        return prefixes;
    }

    static CertificateAuthority.KeyType caKeyType(String text) {
        return switch (text) {
            case "ed25519" -> CertificateAuthority.KeyType.ED25519;
            case "p256" -> CertificateAuthority.KeyType.P256;
            default -> throw new IllegalArgumentException("--key " + text + " is neither ed25519 nor p256");
        };
    }
}
