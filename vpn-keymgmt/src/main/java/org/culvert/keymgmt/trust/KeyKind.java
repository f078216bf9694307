package org.culvert.keymgmt.trust;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The kinds of host key. Two gateways can only agree on a secret when both hold the same kind. */
public enum KeyKind {
    /** RFC 7748; the default. Cannot sign. */
    X25519("X25519"),

    /** NIST P-256, for hardware keys and the CAs of companies. Signs its own request. */
    P256("P-256");

    private final String label;

    KeyKind(String label) {
        this.label = label;
    }

    /** The kind of a SubjectPublicKeyInfo by how it begins; the key in it may still be a bad one. */
    public static Optional<KeyKind> of(byte[] spki) {
        return X25519Key.isSpki(spki)
                ? Optional.of(X25519)
                : P256Key.isSpki(spki) ? Optional.of(P256) : Optional.empty();
    }

    /** The kind that a command line names: "x25519", "p256". */
    public static Optional<KeyKind> ofOption(String text) {
        return Arrays.stream(values())
                .filter(kind -> kind.option().equals(text))
                .findFirst();
    }

    /** As command lines take it. */
    public String option() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** As people read it: "X25519", "P-256". */
    public String label() {
        return label;
    }

    /** What is wrong with a public key of this kind, or empty when it is good. */
    public Optional<String> fault(byte[] spki) {
        return switch (this) {
            case X25519 -> X25519Key.fault(spki);
            case P256 -> P256Key.fault(spki);
        };
    }

    PublicKey publicKey(byte[] spki) throws GeneralSecurityException {
        return switch (this) {
            case X25519 -> X25519Key.publicKey(spki);
            case P256 -> P256Key.publicKey(spki);
        };
    }

    /** SubjectPublicKeyInfo of the public half of a private key that is in memory. */
    byte[] spki(PrivateKey key) throws GeneralSecurityException {
        return switch (this) {
            case X25519 -> X25519Key.spki(key);
            case P256 -> P256Key.spki(key);
        };
    }
}
