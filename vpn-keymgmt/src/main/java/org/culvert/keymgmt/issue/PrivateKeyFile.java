package org.culvert.keymgmt.issue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.EncryptionScheme;
import org.bouncycastle.asn1.pkcs.KeyDerivationFunc;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.PKCS5S2ParametersGenerator;
import org.bouncycastle.crypto.params.KeyParameter;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.Der;
import org.culvert.keymgmt.trust.HostKey;
import org.culvert.keymgmt.trust.PemFile;
import org.culvert.keymgmt.trust.Token;
import org.culvert.keymgmt.trust.TokenUri;

/**
 * Private keys as PKCS#8 PEM, plain or under a passphrase: PBES2 (RFC 8018) with PBKDF2-HMAC-SHA-256 and AES-256-CBC, which openssl reads
 * too. Not scrypt: openssl opens it only up to 32 MiB of memory, which costs an attacker less than the iterations here.
 */
public final class PrivateKeyFile {
    /** OWASP's figure of 2023 for PBKDF2-HMAC-SHA-256: about 0.3 s here, once per command. */
    private static final int ITERATIONS = 600_000;

    /** A file that asks for more is not one a person wants to wait for. */
    private static final int MOST_ITERATIONS = 20_000_000;

    private static final int SALT_BYTES = 16;
    private static final int KEY_BYTES = 32;
    private static final int IV_BYTES = 16;
    private static final AlgorithmIdentifier HMAC_SHA256 =
            new AlgorithmIdentifier(PKCSObjectIdentifiers.id_hmacWithSHA256, DERNull.INSTANCE);

    private static final SecureRandom RANDOM = new SecureRandom();

    private PrivateKeyFile() {}

    /** Writes a key, 0600; empty: not encrypted. */
    public static void create(Path file, PrivateKey key, Optional<Passphrase> passphrase, boolean force)
            throws IOException {
        byte[] der = key.getEncoded();
        byte[] pem = passphrase.isPresent()
                ? PemFile.block("ENCRYPTED PRIVATE KEY", encrypt(der, passphrase.get()))
                : PemFile.block("PRIVATE KEY", der);
        try {
            SafeFile.create(file, pem, SafeFile.PRIVATE, force);
        } finally {
            Arrays.fill(der, (byte) 0);
            Arrays.fill(pem, (byte) 0);
        }
    }

    /** Reads a key that nobody but its owner can read; asks for a passphrase only if it is encrypted. */
    public static PrivateKey read(Path file, Passphrase.Source source) throws CredentialException {
        HostKey.refuseIfOpenToOthers(file);
        Optional<TokenUri> token = TokenUri.at(file);
        if (token.isPresent()) {
            return open(file, token.get(), source).key().getPrivate();
        }
        List<PemFile.Block> blocks = PemFile.read(file);
        PemFile.Block block = blocks.getFirst();
        boolean encrypted = block.label().equals("ENCRYPTED PRIVATE KEY");
        if (blocks.size() != 1 || (!encrypted && !block.label().equals("PRIVATE KEY"))) {
            throw new CredentialException(
                    file, "does not hold exactly one private key (PKCS#8)", "is this the right file?");
        }
        byte[] der = block.der();
        try {
            Der.check(der);
            if (encrypted) {
                try (Passphrase passphrase = source.ask(file)) {
                    der = decrypt(file, der, passphrase);
                }
                Der.check(der);
            }
            String algorithm = PrivateKeyInfo.getInstance(der)
                    .getPrivateKeyAlgorithm()
                    .getAlgorithm()
                    .getId();
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (Der.MalformedException e) {
            throw new CredentialException(
                    file, encrypted ? "wrong passphrase, or the key is damaged" : "the key " + e.getMessage(), "", e);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new CredentialException(file, "the key cannot be read: " + e.getMessage(), "", e);
        } finally {
            Arrays.fill(der, (byte) 0);
        }
    }

    /** Opens the token that holds a key; the PIN is the URI's own, or what else would be the passphrase. */
    static Token open(Path file, TokenUri uri, Passphrase.Source source) throws CredentialException {
        if (uri.pinSource().isPresent()) {
            return Token.open(file, uri);
        }
        try (Passphrase pin = source.ask(file)) {
            return Token.open(file, uri, pin.characters());
        }
    }

    private static byte[] encrypt(byte[] der, Passphrase passphrase) throws IOException {
        byte[] salt = new byte[SALT_BYTES];
        byte[] iv = new byte[IV_BYTES];
        RANDOM.nextBytes(salt);
        RANDOM.nextBytes(iv);
        PBES2Parameters parameters = new PBES2Parameters(
                new KeyDerivationFunc(
                        PKCSObjectIdentifiers.id_PBKDF2, new PBKDF2Params(salt, ITERATIONS, KEY_BYTES, HMAC_SHA256)),
                new EncryptionScheme(NISTObjectIdentifiers.id_aes256_CBC, new DEROctetString(iv)));
        try {
            byte[] secret = aes(Cipher.ENCRYPT_MODE, derive(passphrase, salt, ITERATIONS), iv, der);
            return new EncryptedPrivateKeyInfo(
                            new AlgorithmIdentifier(PKCSObjectIdentifiers.id_PBES2, parameters), secret)
                    .getEncoded(ASN1Encoding.DER);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-CBC", e);
        }
    }

    private static byte[] decrypt(Path file, byte[] der, Passphrase passphrase) throws CredentialException {
        EncryptedPrivateKeyInfo info = EncryptedPrivateKeyInfo.getInstance(der);
        AlgorithmIdentifier scheme = info.getEncryptionAlgorithm();
        if (!scheme.getAlgorithm().equals(PKCSObjectIdentifiers.id_PBES2)) {
            throw unsupported(file);
        }
        PBES2Parameters parameters = PBES2Parameters.getInstance(scheme.getParameters());
        KeyDerivationFunc derivation = parameters.getKeyDerivationFunc();
        if (!derivation.getAlgorithm().equals(PKCSObjectIdentifiers.id_PBKDF2)
                || !parameters.getEncryptionScheme().getAlgorithm().equals(NISTObjectIdentifiers.id_aes256_CBC)) {
            throw unsupported(file);
        }
        PBKDF2Params pbkdf2 = PBKDF2Params.getInstance(derivation.getParameters());
        BigInteger iterations = pbkdf2.getIterationCount();
        if (!pbkdf2.getPrf().equals(HMAC_SHA256)
                || iterations.signum() <= 0
                || iterations.compareTo(BigInteger.valueOf(MOST_ITERATIONS)) > 0) {
            throw unsupported(file);
        }
        byte[] iv = ASN1OctetString.getInstance(parameters.getEncryptionScheme().getParameters())
                .getOctets();
        try {
            return aes(
                    Cipher.DECRYPT_MODE,
                    derive(passphrase, pbkdf2.getSalt(), iterations.intValueExact()),
                    iv,
                    info.getEncryptedData());
        } catch (GeneralSecurityException e) {
            throw new CredentialException(file, "wrong passphrase, or the key is damaged", "", e);
        }
    }

    private static CredentialException unsupported(Path file) {
        return new CredentialException(
                file,
                "is encrypted in a way not supported (only PBES2 with PBKDF2, HMAC-SHA-256 and AES-256-CBC is)",
                "convert it with: openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256");
    }

    /** Bouncy Castle's, because the JDK's takes characters and not every passphrase is ASCII. */
    private static byte[] derive(Passphrase passphrase, byte[] salt, int iterations) {
        PKCS5S2ParametersGenerator generator = new PKCS5S2ParametersGenerator(SHA256Digest.newInstance());
        generator.init(passphrase.utf8(), salt, iterations);
        return ((KeyParameter) generator.generateDerivedParameters(KEY_BYTES * 8)).getKey();
    }

    private static byte[] aes(int mode, byte[] key, byte[] iv, byte[] input) throws GeneralSecurityException {
        try {
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            cipher.init(mode, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
            return cipher.doFinal(input);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }
}
