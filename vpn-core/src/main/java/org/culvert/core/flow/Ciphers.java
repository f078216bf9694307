package org.culvert.core.flow;

import java.util.EnumMap;
import java.util.Map;
import org.culvert.core.crypto.CipherBackend;
import org.culvert.core.crypto.PacketCipher;
import org.culvert.core.crypto.Suite;

/** One thread's ciphers, one per suite. */
final class Ciphers implements AutoCloseable {
    private final Map<Suite, PacketCipher> bySuite = new EnumMap<>(Suite.class);

    /** @param backends one for every suite */
    Ciphers(Map<Suite, CipherBackend> backends) {
        backends.forEach((suite, backend) -> bySuite.put(suite, backend.cipher(suite)));
    }

    PacketCipher of(Suite suite) {
        PacketCipher cipher = bySuite.get(suite);
        if (cipher == null) {
            throw new IllegalStateException("no cipher backend for " + suite);
        }
        return cipher;
    }

    /** What the last keys have left behind. */
    void forget() {
        bySuite.values().forEach(PacketCipher::forget);
    }

    @Override
    public void close() {
        bySuite.values().forEach(PacketCipher::close);
    }
}
