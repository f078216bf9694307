package org.culvert.core.crypto;

import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.jspecify.annotations.Nullable;

/**
 * What a backend must show before it gets a packet: right answers, and no answer to a forgery. Run at every start,
 * because what is tested is the library and the processor of this machine, which no build has seen. Any thread.
 */
final class SelfTest {
    /** Around the block and stride sizes of the implementations; few and small, because the JDK's ciphers are still interpreted. */
    private static final int[] SIZES = {4, 16, 17, 63, 64, 65, 128, 257, 771, 1404};

    private static final int LARGEST = 1404;
    private static final int FORGERIES_BELOW = 100;

    private final Suite suite;
    private final PacketCipher sealing;
    private final PacketCipher opening;
    private final long key;
    private final long datagram;
    private final long plaintext;
    private final long out;

    private SelfTest(Suite suite, PacketCipher sealing, PacketCipher opening, long memory) {
        this.suite = suite;
        this.sealing = sealing;
        this.opening = opening;
        key = memory;
        datagram = key + 64;
        plaintext = datagram + LARGEST + 128;
        out = plaintext + LARGEST + 128;
    }

    /** What is wrong with one suite of a backend, in words; null when nothing is. */
    static @Nullable String fault(CipherBackend backend, Suite suite) {
        try (Region memory = new Region(3 * (LARGEST + 128) + 64);
                PacketCipher sealing = backend.cipher(suite);
                PacketCipher opening = backend.cipher(suite)) {
            return new SelfTest(suite, sealing, opening, memory.address()).fault();
        } catch (RuntimeException e) {
            return "fails: " + e.getMessage();
        }
    }

    private @Nullable String fault() {
        long folded = 0;
        for (int size : SIZES) {
            int bytes = seal(size);
            folded = fold(fold(folded, datagram + bytes - 16), datagram + bytes - 8);
            if (opening.open(key, datagram, bytes, out) != size || !isPlaintext(size)) {
                return "does not open what it sealed";
            }
            if (size < FORGERIES_BELOW && opensAForgery(bytes)) {
                return "opens a forgery";
            }
        }
        return folded == knownAnswer() ? null : "gives a wrong answer";
    }

    private int seal(int size) {
        fill(key, suite.keyBytes(), 31, size);
        fill(datagram, suite.headerBytes(), 7, 3 * size + 1);
        fill(plaintext, size, 13, size);
        return sealing.seal(key, datagram, plaintext, size);
    }

    private static void fill(long address, int bytes, int step, int first) {
        for (int i = 0; i < bytes; i++) {
            OffHeap.putU8(address + i, step * i + (step == 13 ? i >> 8 : 0) + first);
        }
    }

    private boolean isPlaintext(int size) {
        for (int i = 0; i < size; i++) {
            if (OffHeap.u8(out + i) != OffHeap.u8(plaintext + i)) {
                return false;
            }
        }
        return true;
    }

    /** One bit each of header, ciphertext, and both ends of the tag. */
    private boolean opensAForgery(int bytes) {
        return opensWith(bytes, 0)
                || opensWith(bytes, suite.headerBytes())
                || opensWith(bytes, bytes - 16)
                || opensWith(bytes, bytes - 1);
    }

    private boolean opensWith(int bytes, int changed) {
        long at = datagram + changed;
        OffHeap.putU8(at, OffHeap.u8(at) ^ 0x10);
        boolean opened = opening.open(key, datagram, bytes, out) >= 0;
        OffHeap.putU8(at, OffHeap.u8(at) ^ 0x10);
        return opened;
    }

    private static long fold(long folded, long address) {
        long product = (folded ^ OffHeap.i64(address)) * 0x9e37_79b9_7f4a_7c15L;
        return product ^ product >>> 29;
    }

    /** The tags of all sizes, folded into one number, as another implementation gives them (Python's cryptography 48). */
    private long knownAnswer() {
        return switch (suite) {
            case AES_128_GCM -> 0x40e4_1c36_b657_fa69L;
            case AES_256_GCM -> 0xc98a_a338_bbe7_b0adL;
            case CHACHA20_POLY1305 -> 0x8ca4_8e4e_ad89_4dbeL;
            case AES_128_GMAC -> 0xd8ad_4a29_2c9d_f35dL;
        };
    }
}
