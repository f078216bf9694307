package org.culvert.keymgmt.issue;

import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.culvert.keymgmt.Prefix;

/**
 * A certificate that a CA's journal knows.
 *
 * @param authority whether it is an intermediate CA
 * @param keyFingerprint of the holder's key
 * @param issuerKey fingerprint of the CA key that signed it: after a rotation there are two
 */
public record Issued(
        BigInteger serial,
        String name,
        boolean authority,
        List<Prefix> networks,
        List<String> groups,
        String keyFingerprint,
        String issuerKey,
        Instant notBefore,
        Instant notAfter,
        Optional<Revocation> revocation) {

    /** When and why it was revoked. */
    public record Revocation(Instant time, Reason reason) {}

    Issued revoked(Revocation when) {
        return new Issued(
                serial,
                name,
                authority,
                networks,
                groups,
                keyFingerprint,
                issuerKey,
                notBefore,
                notAfter,
                Optional.of(when));
    }

    /** Not revoked and not past its end. */
    public boolean live(Instant at) {
        return revocation.isEmpty() && !at.isAfter(notAfter);
    }

    /** As commands print and take it: lower-case hex. */
    public String serialText() {
        return serial.toString(16);
    }

    /** As {@link #serialText} would print what somebody typed, perhaps from openssl's output with colons and capitals. */
    static String serialText(String typed) {
        return typed.replace(":", "").toLowerCase(Locale.ROOT).replaceFirst("^0+(?=.)", "");
    }
}
