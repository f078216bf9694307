package org.culvert.core.crypto;

/**
 * The JDK's own ciphers: always there, on every machine. A packet of 1400 bytes with a key of its own takes two to three times
 * what {@link IpsecMbBackend} takes (JDK 25.0.3, AES-128-GCM, one EPYC), most of it setting up the key. Immutable; any thread.
 */
public final class JceBackend implements CipherBackend {
    /** By name, because what is written here of refusals, exceptions and garbage was measured with this provider. */
    static final String PROVIDER = "SunJCE";

    @Override
    public String name() {
        return "jce";
    }

    @Override
    public PacketCipher cipher(Suite suite) {
        return new JceCipher(suite);
    }
}
