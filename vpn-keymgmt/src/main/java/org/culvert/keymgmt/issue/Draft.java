package org.culvert.keymgmt.issue;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.culvert.keymgmt.Prefix;

/**
 * A certificate as it would be signed, for a person to look at first.
 *
 * @param file where the request came from, for messages
 * @param notes what the person should know: "renews ...", one line each
 * @param allowOverlap whether networks may overlap those of another host
 */
public record Draft(
        Path file, HostRequest request, Instant notBefore, Instant notAfter, List<String> notes, boolean allowOverlap) {

    /** Why two drafts cannot both be signed in one go; empty when they can. */
    public Optional<String> conflictWith(Draft other) {
        HostRequest mine = request;
        HostRequest theirs = other.request;
        if (mine.name().equals(theirs.name())) {
            return Optional.of("asks for " + mine.name() + " as " + other.file + " does");
        }
        if (mine.keyFingerprint().equals(theirs.keyFingerprint())) {
            return Optional.of("has the key of " + theirs.name() + " in " + other.file);
        }
        if (allowOverlap) {
            return Optional.empty();
        }
        for (Prefix wanted : mine.networks()) {
            for (Prefix taken : theirs.networks()) {
                if (wanted.overlaps(taken)) {
                    return Optional.of(wanted + " overlaps " + taken + " of " + theirs.name() + " in " + other.file);
                }
            }
        }
        return Optional.empty();
    }
}
