package org.culvert.keymgmt.issue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.List;
import java.util.Locale;
import org.culvert.keymgmt.trust.CaCertificate;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.PemFile;

/**
 * What lies where in a CA's folder: {@code ca.crt} (the CA that signs first), {@code journal}, {@code ca.key} for the first key and
 * {@code ca-FINGERPRINT.key} for every later one. A new key lies there before ca.crt names it, and ca.crt changes in one
 * rename, so a rotation that dies half-way has not happened.
 */
record CaFolder(Path path) {
    private static final int FINGERPRINT_DIGITS = 16;

    Path certificates() {
        return path.resolve("ca.crt");
    }

    Path firstKey() {
        return path.resolve("ca.key");
    }

    Path journal() {
        return path.resolve("journal");
    }

    /** Where the key of a CA made later lies. */
    Path laterKey(CaCertificate authority) {
        String digits = authority.keyFingerprint().replace(":", "").toLowerCase(Locale.ROOT);
        return path.resolve("ca-" + digits.substring(0, FINGERPRINT_DIGITS) + ".key");
    }

    Path keyOf(CaCertificate authority) {
        Path later = laterKey(authority);
        return Files.exists(later) ? later : firstKey();
    }

    boolean holdsCa() {
        return Files.exists(certificates());
    }

    List<CaCertificate> authorities() throws CredentialException {
        if (!holdsCa()) {
            throw new CredentialException(
                    path, "holds no CA (no ca.crt)", "make one with: culvert ca init --dir " + path);
        }
        return CaCertificate.read(certificates());
    }

    void write(List<CaCertificate> authorities) throws IOException {
        SafeFile.replace(certificates(), pem(authorities), SafeFile.PUBLIC);
    }

    static byte[] pem(List<CaCertificate> authorities) throws IOException {
        ByteArrayOutputStream pem = new ByteArrayOutputStream();
        for (CaCertificate authority : authorities) {
            pem.write(PemFile.block("CERTIFICATE", authority.der()));
        }
        return pem.toByteArray();
    }

    Register register() throws CredentialException {
        return Register.of(Journal.read(journal()));
    }

    /** Opens the private key of one of the CAs here and makes sure that it is the one. */
    PrivateKey openKey(CaCertificate authority, Passphrase.Source source) throws CredentialException {
        Path file = keyOf(authority);
        PrivateKey key = PrivateKeyFile.read(file, source);
        if (!belongs(file, key, authority)) {
            throw new CredentialException(
                    file,
                    "is not the key of '" + authority.name() + "' in " + certificates(),
                    "is this the right folder?");
        }
        return key;
    }

    private static boolean belongs(Path file, PrivateKey key, CaCertificate authority) throws CredentialException {
        byte[] probe = {'c', 'u', 'l', 'v', 'e', 'r', 't'};
        try {
            Signature signature =
                    Signature.getInstance(key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "Ed25519");
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(authority.publicKey());
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            throw new CredentialException(file, "the key cannot sign: " + e.getMessage(), "", e);
        }
    }
}
