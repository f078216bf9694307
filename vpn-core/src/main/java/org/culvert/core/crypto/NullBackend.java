package org.culvert.core.crypto;

import org.culvert.tun.memory.OffHeap;

/**
 * No cipher at all: packets are copied and their tags are zero. It exists so that the benchmark can tell what the data
 * path costs without cryptography. {@link CipherChoice} gives it out only in a benchmark's JVM; nothing it carries is protected.
 */
final class NullBackend implements CipherBackend {
    @Override
    public String name() {
        return "null";
    }

    @Override
    public PacketCipher cipher(Suite suite) {
        return new Copy(suite);
    }

    private static final class Copy extends ExplicitNonceCipher {
        Copy(Suite suite) {
            super(suite);
        }

        @Override
        void seal(long key, long nonce, long datagram, int headerBytes, long plaintext, int plaintextBytes) {
            OffHeap.copy(plaintext, datagram + headerBytes, plaintextBytes);
            long tag = datagram + headerBytes + plaintextBytes;
            OffHeap.putNativeI64(tag, 0);
            OffHeap.putNativeI64(tag + 8, 0);
        }

        @Override
        boolean open(long key, long nonce, long datagram, int headerBytes, int plaintextBytes, long out) {
            OffHeap.copy(datagram + headerBytes, out, plaintextBytes);
            return true;
        }

        @Override
        public void forget() {}
    }
}
