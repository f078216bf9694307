package org.culvert.core.crypto;

/** An implementation of the suites. Any thread may ask for ciphers; each cipher then belongs to one. */
public interface CipherBackend {
    /** As in configuration and status, with the version where there is one: {@code "jce"}, {@code "ipsec-mb 1.3.0"}. */
    String name();

    /** A new cipher, the caller's to close. */
    PacketCipher cipher(Suite suite);
}
