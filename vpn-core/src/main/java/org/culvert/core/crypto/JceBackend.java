package org.culvert.core.crypto;

/**
 * The JDK's own ciphers: always there, on every machine. Measured on JDK 25.0.3 with an EPYC of 2024 at 1400 bytes: see
 * doc/protocol.md; about three times the cost of {@link IpsecMbBackend}, most of it key set-up.
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
