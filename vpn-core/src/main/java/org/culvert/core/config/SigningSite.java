package org.culvert.core.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.culvert.keymgmt.Prefix;

/**
 * One [[site]] of a signing template. What the request says counts; name, networks, groups and key are what it is expected to say.
 *
 * @param request what the host asked with
 * @param out where its certificate goes
 * @param networks empty: whatever the request asks for
 * @param groups empty: whatever the request asks for
 * @param key fingerprint as the host printed it
 */
public record SigningSite(
        Path file,
        Path request,
        Path out,
        Optional<String> name,
        List<Prefix> networks,
        List<String> groups,
        Optional<String> key,
        OptionalInt days,
        boolean allowOverlap,
        Lines lines) {
    public SigningSite {
        networks = List.copyOf(networks);
        groups = List.copyOf(groups);
    }

    /** Something wrong with what one of its keys names. */
    public Finding finding(String key, String cause, String hint) {
        return new Finding(file, lines.of(key), cause, hint);
    }
}
