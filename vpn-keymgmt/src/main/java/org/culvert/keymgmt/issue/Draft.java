package org.culvert.keymgmt.issue;

import java.time.Instant;
import java.util.List;

/**
 * A certificate as it would be signed, for a person to look at first.
 *
 * @param notes what the person should know: "replaces ...", one line each
 * @param allowOverlap whether networks may overlap those of another host
 */
public record Draft(
        HostRequest request, Instant notBefore, Instant notAfter, List<String> notes, boolean allowOverlap) {}
