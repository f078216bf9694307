package org.culvert.keymgmt.issue;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;

/** The kinds of CA key. */
public enum KeyType {
    ED25519,
    P256;

    static KeyType of(PublicKey key) {
        return key instanceof ECPublicKey ? P256 : ED25519;
    }

    KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(this == P256 ? "EC" : "Ed25519");
            if (this == P256) {
                generator.initialize(new ECGenParameterSpec("secp256r1"));
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has Ed25519 and P-256", e);
        }
    }
}
