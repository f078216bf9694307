package org.culvert.core.flow;

import java.util.HashMap;
import java.util.Map;
import org.culvert.core.crypto.CipherBackend;
import org.culvert.core.crypto.PacketCipher;
import org.culvert.core.crypto.Suite;
import org.culvert.tun.memory.OffHeap;

/** Where in native memory keys of packets were drawn or handed to a cipher: a test looks there once they should be gone. Any thread. */
final class SeenKeys {
    /** Bytes, by the address of the first. */
    private final Map<Long, Integer> places = new HashMap<>();

    private int forgotten;

    synchronized void add(long address, int bytes) {
        places.merge(address, bytes, Math::max);
    }

    synchronized void clear() {
        places.clear();
        forgotten = 0;
    }

    /** Bytes in all these places that are not zero. */
    synchronized int bytesLeft() {
        int left = 0;
        for (Map.Entry<Long, Integer> place : places.entrySet()) {
            for (int i = 0; i < place.getValue(); i++) {
                left += OffHeap.u8(place.getKey() + i) == 0 ? 0 : 1;
            }
        }
        return left;
    }

    /** How often a cipher was told to forget. */
    synchronized int forgotten() {
        return forgotten;
    }

    private synchronized void countForgotten() {
        forgotten++;
    }

    /** The same backend, looked at. */
    CipherBackend watching(CipherBackend backend) {
        return new CipherBackend() {
            @Override
            public String name() {
                return backend.name();
            }

            @Override
            public PacketCipher cipher(Suite suite) {
                return new Watched(backend.cipher(suite), suite.keyBytes());
            }
        };
    }

    private final class Watched implements PacketCipher {
        private final PacketCipher cipher;
        private final int keyBytes;

        Watched(PacketCipher cipher, int keyBytes) {
            this.cipher = cipher;
            this.keyBytes = keyBytes;
        }

        @Override
        public int seal(long key, long datagram, long plaintext, int plaintextBytes) {
            add(key, keyBytes);
            return cipher.seal(key, datagram, plaintext, plaintextBytes);
        }

        @Override
        public int open(long key, long datagram, int datagramBytes, long out) {
            add(key, keyBytes);
            return cipher.open(key, datagram, datagramBytes, out);
        }

        @Override
        public void forget() {
            countForgotten();
            cipher.forget();
        }

        @Override
        public void close() {
            cipher.close();
        }
    }
}
