package org.culvert.keymgmt.trust;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A token that keeps private keys and uses them itself (PKCS#11), through the JDK's SunPKCS11. Keys never leave it: what comes out of here are
 * handles. Once opened, a token stays open for the process, because keys of it go on being used.
 *
 * <p>The JDK finds a key by the certificate beside it, so each key has one; it says nothing and is trusted by nobody.
 */
public final class Token {
    private static final Map<TokenSlot, Provider> OPENED = new ConcurrentHashMap<>();

    private final Path where;
    private final TokenUri uri;
    private final Provider provider;
    private final KeyStore store;

    private Token(Path where, TokenUri uri, Provider provider, KeyStore store) {
        this.where = where;
        this.uri = uri;
        this.provider = provider;
        this.store = store;
    }

    /** Opens the token with the PIN of the URI's pin-source. */
    public static Token open(Path where, TokenUri uri) throws CredentialException {
        if (uri.pinSource().isEmpty()) {
            throw new CredentialException(
                    where,
                    "names a token but no file with its PIN",
                    "nobody is there to type it: add ?pin-source=file:/... to the URI");
        }
        HostKey.refuseIfOpenToOthers(uri.pinSource().get());
        return open(where, uri, PinFile.read(uri.pinSource().get()));
    }

    /**
     * Opens the token.
     *
     * @param where what to name in messages
     * @param pin wiped here
     */
    public static Token open(Path where, TokenUri uri, char[] pin) throws CredentialException {
        try {
            TokenSlot slot = TokenSlot.find(where, uri);
            Provider provider = OPENED.computeIfAbsent(slot, Token::provider);
            KeyStore store = KeyStore.getInstance("PKCS11", provider);
            store.load(null, pin);
            return new Token(where, uri, provider, store);
        } catch (IOException e) {
            throw new CredentialException(
                    where,
                    "the token '" + uri.token() + "' refuses the PIN (" + innermost(e) + ")",
                    "tokens lock themselves after a few wrong ones: look at the PIN before the next try",
                    new GeneralSecurityException(e));
        } catch (GeneralSecurityException | ProviderException e) {
            throw new CredentialException(where, "the token cannot be opened: " + innermost(e), "", e);
        } finally {
            Arrays.fill(pin, '\0');
        }
    }

    /** Last in the JDK's list of providers: it serves only what is asked of a key of its own. */
    private static Provider provider(TokenSlot slot) {
        Provider base = Security.getProvider("SunPKCS11");
        if (base == null) {
            throw new ProviderException("this Java runtime has no SunPKCS11 (module jdk.crypto.cryptoki)");
        }
        Provider provider = base.configure(configuration(slot));
        Security.addProvider(provider);
        return provider;
    }

    /**
     * Secrets that were agreed on are to come out, they go into HKDF; keys are not. SENSITIVE and EXTRACTABLE are said in both cases, since what
     * tokens take for granted differs.
     */
    private static String configuration(TokenSlot slot) {
        return """
                --name = culvert-%d
                library = %s
                slot = %d
                attributes(*, CKO_SECRET_KEY, *) = { CKA_TOKEN = false CKA_SENSITIVE = false CKA_EXTRACTABLE = true }
                attributes(generate, CKO_PRIVATE_KEY, CKK_EC) = \
                  { CKA_SIGN = true CKA_DERIVE = true CKA_SENSITIVE = true CKA_EXTRACTABLE = false }
                """.formatted(slot.id(), slot.module(), slot.id());
    }

    /** The pair under the URI's label: a handle of the private half, and the public half from the certificate beside it. */
    public KeyPair key() throws CredentialException {
        try {
            PrivateKey key = (PrivateKey) store.getKey(uri.object(), null);
            Certificate beside = store.getCertificate(uri.object());
            if (key == null || beside == null) {
                throw new CredentialException(
                        where,
                        "the token '" + uri.token() + "' has no private key with a certificate under the label '"
                                + uri.object() + "'",
                        "culvert host request --key and culvert ca init --key make both");
            }
            return new KeyPair(beside.getPublicKey(), key);
        } catch (GeneralSecurityException | ProviderException e) {
            throw new CredentialException(where, "the token does not give the key: " + innermost(e), "", e);
        }
    }

    /**
     * Makes a P-256 key inside the token. It is gone with this process unless it is kept.
     *
     * @throws CredentialException when there is one under the label already
     */
    public KeyPair make() throws CredentialException {
        try {
            if (store.containsAlias(uri.object())) {
                throw new CredentialException(
                        where,
                        "the token '" + uri.token() + "' has something under the label '" + uri.object() + "' already",
                        "choose another object");
            }
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", provider);
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException | ProviderException e) {
            throw new CredentialException(where, "the token does not make a P-256 key: " + innermost(e), "", e);
        }
    }

    /** Keeps a key that was made here, under the certificate it will be found by. */
    public void keep(PrivateKey key, Certificate beside) throws CredentialException {
        try {
            store.setKeyEntry(uri.object(), key, null, new Certificate[] {beside});
        } catch (GeneralSecurityException | ProviderException e) {
            throw new CredentialException(where, "the token does not keep the key: " + innermost(e), "", e);
        }
    }

    /** "CKR_PIN_INCORRECT" is five causes down. */
    private static String innermost(Throwable e) {
        Throwable at = e;
        while (at.getCause() != null) {
            at = at.getCause();
        }
        return Optional.ofNullable(at.getMessage()).orElse(at.toString());
    }
}
