package org.culvert.core.crypto;

import java.security.SecureRandom;
import org.bouncycastle.crypto.SecretWithEncapsulation;
import org.bouncycastle.crypto.kems.MLKEMGenerator;
import org.bouncycastle.crypto.params.MLKEMParameters;
import org.bouncycastle.crypto.params.MLKEMPublicKeyParameters;

/** ML-KEM-768 (FIPS 203), the encapsulating side: a secret, and the 1088 bytes that only the key's holder gets it out of. */
public final class Encapsulated implements AutoCloseable {
    private final SecretBytes secret;
    private final byte[] ciphertext;

    private Encapsulated(SecretBytes secret, byte[] ciphertext) {
        this.secret = secret;
        this.ciphertext = ciphertext;
    }

    /**
     * A fresh secret for the holder of a key.
     *
     * @throws KeyAgreementException when these bytes are no key (FIPS 203 section 7.2: length and modulus are checked)
     */
    public static Encapsulated to(byte[] kemKey, SecureRandom random) throws KeyAgreementException {
        try {
            SecretWithEncapsulation made = new MLKEMGenerator(random)
                    .generateEncapsulated(new MLKEMPublicKeyParameters(MLKEMParameters.ml_kem_768, kemKey));
            return new Encapsulated(SecretBytes.taking(made.getSecret()), made.getEncapsulation());
        } catch (IllegalArgumentException e) {
            throw new KeyAgreementException("no key of ML-KEM-768: " + e.getMessage(), e);
        }
    }

    public SecretBytes secret() {
        return secret;
    }

    public byte[] ciphertext() {
        return ciphertext.clone();
    }

    @Override
    public void close() {
        secret.close();
    }
}
