package org.culvert.core.crypto;

import org.culvert.tun.memory.OffHeap;

/** {@link IpsecMbLibrary}'s ciphers: packets stay in native memory, nothing is allocated, a third of the JDK's time. Immutable. */
final class IpsecMbBackend implements CipherBackend {
    private final IpsecMbLibrary library;

    private IpsecMbBackend(IpsecMbLibrary library) {
        this.library = library;
    }

    static IpsecMbBackend load() throws CipherUnavailableException {
        return new IpsecMbBackend(IpsecMbLibrary.load());
    }

    @Override
    public String name() {
        return "ipsec-mb " + library.version();
    }

    @Override
    public PacketCipher cipher(Suite suite) {
        return suite == Suite.CHACHA20_POLY1305
                ? new IpsecMbChaCha20(library)
                : new IpsecMbGcm(suite, library.gcm(suite.keyBytes()));
    }

    /**
     * The comparison the library leaves to its caller: in constant time, so that nobody learns by trying how many bytes
     * of a forged tag were right. Zeroes what was decrypted when the tags differ.
     */
    static boolean authentic(long computedTag, long receivedTag, long out, int plaintextBytes) {
        long difference = (OffHeap.nativeI64(computedTag) ^ OffHeap.nativeI64(receivedTag))
                | (OffHeap.nativeI64(computedTag + 8) ^ OffHeap.nativeI64(receivedTag + 8));
        if (difference == 0) {
            return true;
        }
        OffHeap.fill(out, plaintextBytes, 0);
        return false;
    }
}
