package org.culvert.core.compress;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * The calls we need of libzstd 1 (Debian: libzstd1; zstd.h, "Simple API" and "Explicit context", stable since 1.0). Nothing is unpacked
 * and nothing shipped: the library is the host's. Immutable once loaded; any thread, with a context of its own.
 */
@SuppressWarnings("restricted")
final class Zstd {
    static final String SONAME = "libzstd.so.1";

    /** In range of nothing a call returns but an error: ZSTD_isError is "above minus the number of error codes". */
    private static final long FIRST_ERROR = -120;

    private static final @Nullable Zstd LOADED = load();

    private final MethodHandle newCompressor;
    private final MethodHandle freeCompressor;
    private final MethodHandle compress;
    private final MethodHandle newDecompressor;
    private final MethodHandle freeDecompressor;
    private final MethodHandle decompress;

    private Zstd(SymbolLookup library) {
        newCompressor = call(library, "ZSTD_createCCtx", FunctionDescriptor.of(JAVA_LONG));
        freeCompressor = call(library, "ZSTD_freeCCtx", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
        compress = call(library, "ZSTD_compressCCtx", FunctionDescriptor.of(JAVA_LONG, longs(5, JAVA_INT)));
        newDecompressor = call(library, "ZSTD_createDCtx", FunctionDescriptor.of(JAVA_LONG));
        freeDecompressor = call(library, "ZSTD_freeDCtx", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
        decompress = call(library, "ZSTD_decompressDCtx", FunctionDescriptor.of(JAVA_LONG, longs(5)));
    }

    private static @Nullable Zstd load() {
        try {
            return new Zstd(SymbolLookup.libraryLookup(SONAME, Arena.global()));
        } catch (IllegalArgumentException notInstalled) {
            return null;
        }
    }

    private static MethodHandle call(SymbolLookup library, String name, FunctionDescriptor shape) {
        return Linker.nativeLinker()
                .downcallHandle(
                        library.find(name).orElseThrow(() -> new IllegalArgumentException("no " + name)), shape);
    }

    private static MemoryLayout[] longs(int count, MemoryLayout... more) {
        MemoryLayout[] all = new MemoryLayout[count + more.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = i < count ? JAVA_LONG : more[i - count];
        }
        return all;
    }

    static boolean installed() {
        return LOADED != null;
    }

    /** The library. Where it is not installed, the configuration was to be refused, and this is a bug. */
    static Zstd library() {
        if (LOADED == null) {
            throw new IllegalStateException(SONAME + " is not installed");
        }
        return LOADED;
    }

    long newCompressor() {
        try {
            return (long) newCompressor.invokeExact();
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    void freeCompressor(long context) {
        try {
            var _ = (long) freeCompressor.invokeExact(context);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Gives the bytes written, or a negative number: they do not fit. */
    long compress(long context, long to, long capacity, long from, long bytes, int level) {
        try {
            return positive((long) compress.invokeExact(context, to, capacity, from, bytes, level));
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    long newDecompressor() {
        try {
            return (long) newDecompressor.invokeExact();
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    void freeDecompressor(long context) {
        try {
            var _ = (long) freeDecompressor.invokeExact(context);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Gives the bytes written, or a negative number: it is no zstd data, or what it holds does not fit. */
    long decompress(long context, long to, long capacity, long from, long bytes) {
        try {
            return positive((long) decompress.invokeExact(context, to, capacity, from, bytes));
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    private static long positive(long result) {
        return result >= FIRST_ERROR && result < 0 ? -1 : result;
    }

    /** A downcall declares Throwable and throws nothing: the shapes are fixed above. */
    private static IllegalStateException impossible(Throwable e) {
        return new IllegalStateException(e);
    }
}
