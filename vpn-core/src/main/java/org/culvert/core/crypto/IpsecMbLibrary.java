package org.culvert.core.crypto;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * Intel's Multi-Buffer Crypto library (Debian: libipsec-mb1), through java.lang.foreign: its single-packet calls only,
 * none of its queues. The only native binding of vpn-core. Immutable once loaded; any thread, with memory of its own.
 *
 * <p>The functions are not exported under stable names: they stand in a table, {@code IMB_MGR}, that the library fills
 * for the processor it finds. The table is read once, at the offsets of the versions below, and given back. Any other
 * version is refused instead of guessed at: 1.4 grew the key structure by 256 bytes without changing the soname
 * (intel-ipsec-mb issue 116), and a wrong guess writes over foreign memory.
 *
 * <p>Calls are {@code critical}: no thread state change, a few nanoseconds each. The longest, 64 KiB, takes some 10 us,
 * for which a safepoint may have to wait.
 */
@SuppressWarnings("restricted")
final class IpsecMbLibrary {
    private static final String SONAME = "libIPSec_MB.so.1";

    /** {@code struct gcm_key_data}, 1008 bytes in 1.3, with room to spare. */
    static final int GCM_KEY_BYTES = 2048;

    /** {@code struct gcm_context_data} is 88 bytes, {@code struct chacha20_poly1305_context_data} 192. */
    static final int CONTEXT_BYTES = 256;

    // 1.3.x: version word, and offsets in IMB_MGR of 1.3.0 (intel-ipsec-mb.h, printed with offsetof)
    private static final int KNOWN_VERSION = 0x1_03_00;
    private static final int PATCH_MASK = 0xff;
    private static final long GCM_128_ENCRYPT = 256;
    private static final long GCM_256_ENCRYPT = 272;
    private static final long GCM_128_DECRYPT = 280;
    private static final long GCM_256_DECRYPT = 296;
    private static final long GCM_128_EXPAND = 448;
    private static final long GCM_256_EXPAND = 464;
    private static final long CHACHA_BEGIN = 920;
    private static final long CHACHA_ENCRYPT = 928;
    private static final long CHACHA_DECRYPT = 936;
    private static final long CHACHA_FINISH = 944;
    private static final long TABLE_BYTES = 1024;

    private static final Linker LINKER = Linker.nativeLinker();

    // one handle per shape; the function is the first argument
    private static final MethodHandle LONGS_2 = critical(2);
    private static final MethodHandle LONGS_3 = critical(3);
    private static final MethodHandle LONGS_5 = critical(5);
    private static final MethodHandle LONGS_10 = critical(10);

    private final String version;
    private final MemorySegment table; // a copy of the function table

    private final MemorySegment chachaBegin;
    private final MemorySegment chachaEncrypt;
    private final MemorySegment chachaDecrypt;
    private final MemorySegment chachaFinish;

    private IpsecMbLibrary(String version, MemorySegment table) {
        this.version = version;
        this.table = table;
        chachaBegin = function(CHACHA_BEGIN);
        chachaEncrypt = function(CHACHA_ENCRYPT);
        chachaDecrypt = function(CHACHA_DECRYPT);
        chachaFinish = function(CHACHA_FINISH);
    }

    /**
     * Loads the library and reads its table.
     *
     * @throws CipherUnavailableException when it is not installed, is of a version not known here, or does not start
     */
    static IpsecMbLibrary load() throws CipherUnavailableException {
        SymbolLookup library;
        try {
            library = SymbolLookup.libraryLookup(SONAME, Arena.global());
        } catch (IllegalArgumentException e) {
            throw new CipherUnavailableException(SONAME + " is not installed (Debian: apt install libipsec-mb1)", e);
        }
        try {
            return read(library);
        } catch (CipherUnavailableException e) {
            throw e;
        } catch (Throwable e) {
            throw new CipherUnavailableException(SONAME + " does not start: " + e, e);
        }
    }

    private static IpsecMbLibrary read(SymbolLookup library) throws Throwable {
        int number = (int) call(library, "imb_get_version", FunctionDescriptor.of(JAVA_INT))
                .invokeExact();
        String version = (number >>> 16) + "." + (number >>> 8 & 0xff) + "." + (number & 0xff);
        if (!isKnown(number)) {
            throw new CipherUnavailableException(SONAME + " is version " + version + ", known here is 1.3");
        }
        MethodHandle free = call(library, "free_mb_mgr", FunctionDescriptor.ofVoid(ADDRESS));
        MemorySegment manager = (MemorySegment) call(library, "alloc_mb_mgr", FunctionDescriptor.of(ADDRESS, JAVA_LONG))
                .invokeExact(0L);
        if (manager.address() == 0) {
            throw new CipherUnavailableException(SONAME + " has no memory");
        }
        try {
            MemorySegment architecture = Arena.ofAuto().allocate(JAVA_INT); // wanted by the call, not by us
            call(library, "init_mb_mgr_auto", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS))
                    .invokeExact(manager, architecture);
            int error = (int) call(library, "imb_get_errno", FunctionDescriptor.of(JAVA_INT, ADDRESS))
                    .invokeExact(manager);
            if (error != 0) {
                throw new CipherUnavailableException(SONAME + " does not start: error " + error);
            }
            MemorySegment table = Arena.ofAuto().allocate(TABLE_BYTES, Long.BYTES);
            table.copyFrom(manager.reinterpret(TABLE_BYTES));
            return new IpsecMbLibrary(version, table);
        } finally {
            free.invokeExact(manager); // 200 KB of queues; the functions stay where they are
        }
    }

    /** Whether the offsets above are those of a version: {@code major << 16 | minor << 8 | patch}. */
    static boolean isKnown(int version) {
        return (version & ~PATCH_MASK) == KNOWN_VERSION;
    }

    String version() {
        return version;
    }

    /** The functions of AES-GCM for one size of key. */
    Gcm gcm(int keyBytes) {
        return keyBytes == 16
                ? new Gcm(function(GCM_128_EXPAND), function(GCM_128_ENCRYPT), function(GCM_128_DECRYPT))
                : new Gcm(function(GCM_256_EXPAND), function(GCM_256_ENCRYPT), function(GCM_256_DECRYPT));
    }

    /** AES-GCM in one call each. Addresses throughout; {@code expanded} and {@code context} are the caller's, 64-byte aligned. */
    static final class Gcm {
        private final MemorySegment expand;
        private final MemorySegment encrypt;
        private final MemorySegment decrypt;

        Gcm(MemorySegment expand, MemorySegment encrypt, MemorySegment decrypt) {
            this.expand = expand;
            this.encrypt = encrypt;
            this.decrypt = decrypt;
        }

        /** Key schedule and hash-key powers, {@link #GCM_KEY_BYTES} at {@code expanded}. */
        void expand(long key, long expanded) {
            try {
                LONGS_2.invokeExact(expand, key, expanded);
            } catch (Throwable e) {
                throw impossible(e);
            }
        }

        void encrypt(
                long expanded,
                long context,
                long out,
                long in,
                long bytes,
                long nonce,
                long aad,
                long aadBytes,
                long tag) {
            try {
                LONGS_10.invokeExact(encrypt, expanded, context, out, in, bytes, nonce, aad, aadBytes, tag, (long)
                        PacketCipher.TAG_BYTES);
            } catch (Throwable e) {
                throw impossible(e);
            }
        }

        /** Decrypts and computes the tag. It does <b>not</b> compare it: until the caller has, {@code out} is a stranger's. */
        void decrypt(
                long expanded,
                long context,
                long out,
                long in,
                long bytes,
                long nonce,
                long aad,
                long aadBytes,
                long tag) {
            try {
                LONGS_10.invokeExact(decrypt, expanded, context, out, in, bytes, nonce, aad, aadBytes, tag, (long)
                        PacketCipher.TAG_BYTES);
            } catch (Throwable e) {
                throw impossible(e);
            }
        }
    }

    /** ChaCha20-Poly1305 takes three calls: begin, one of the next two, finish. */
    void chachaBegin(long key, long context, long nonce, long aad, long aadBytes) {
        try {
            LONGS_5.invokeExact(chachaBegin, key, context, nonce, aad, aadBytes);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    void chachaEncrypt(long key, long context, long out, long in, long bytes) {
        try {
            LONGS_5.invokeExact(chachaEncrypt, key, context, out, in, bytes);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    void chachaDecrypt(long key, long context, long out, long in, long bytes) {
        try {
            LONGS_5.invokeExact(chachaDecrypt, key, context, out, in, bytes);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    void chachaFinish(long context, long tag) {
        try {
            LONGS_3.invokeExact(chachaFinish, context, tag, (long) PacketCipher.TAG_BYTES);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    private MemorySegment function(long offset) {
        MemorySegment function = table.get(ADDRESS, offset);
        if (function.address() == 0) {
            throw new IllegalStateException("no function at " + offset);
        }
        return function;
    }

    private static MethodHandle critical(int longs) {
        MemoryLayout[] arguments = new MemoryLayout[longs];
        Arrays.fill(arguments, JAVA_LONG);
        return LINKER.downcallHandle(FunctionDescriptor.ofVoid(arguments), Linker.Option.critical(false));
    }

    private static MethodHandle call(SymbolLookup library, String name, FunctionDescriptor shape)
            throws CipherUnavailableException {
        MemorySegment function = library.find(name)
                .orElseThrow(() -> new CipherUnavailableException(SONAME + " has no " + name + ", known here is 1.3"));
        return LINKER.downcallHandle(function, shape);
    }

    /** A downcall declares Throwable and throws nothing: the shapes are fixed above. */
    private static IllegalStateException impossible(Throwable e) {
        return new IllegalStateException(e);
    }
}
