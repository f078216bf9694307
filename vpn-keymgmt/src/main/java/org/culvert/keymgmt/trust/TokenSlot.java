package org.culvert.keymgmt.trust;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A slot with the token that a URI names. The JDK's SunPKCS11 takes slots by number only, and numbers change when a token is plugged in
 * elsewhere; so the library is asked for the labels first, through java.lang.foreign, and let go again (PKCS#11 2.40, section 5.4 to 5.6).
 *
 * @param module the PKCS#11 library
 * @param id CK_SLOT_ID
 */
record TokenSlot(Path module, long id) {
    /** Where Debian puts the libraries of tokens people have: SoftHSM, smart cards, YubiKeys, TPMs, Nitrokeys. */
    private static final List<Path> USUAL = List.of(
            Path.of("/usr/lib/softhsm/libsofthsm2.so"),
            Path.of("/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"),
            Path.of("/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so"),
            Path.of("/usr/lib/x86_64-linux-gnu/libykcs11.so.2"),
            Path.of("/usr/lib/aarch64-linux-gnu/libykcs11.so.2"),
            Path.of("/usr/lib/x86_64-linux-gnu/libtpm2_pkcs11.so.1"),
            Path.of("/usr/lib/aarch64-linux-gnu/libtpm2_pkcs11.so.1"));

    private static final long OK = 0;
    private static final long ALREADY_INITIALIZED = 0x191;
    private static final int MOST_SLOTS = 256;

    /** CK_TOKEN_INFO on 64-bit Linux; the label is its first 32 bytes, filled up with blanks. */
    private static final int TOKEN_INFO_BYTES = 208;

    private static final int LABEL_BYTES = 32;

    /** CK_FUNCTION_LIST: two bytes of version, padded to a pointer, then pointers in the order of the standard. */
    private enum Function {
        INITIALIZE(0),
        FINALIZE(1),
        GET_SLOT_LIST(4),
        GET_TOKEN_INFO(6);

        final long offset;

        Function(int place) {
            this.offset = 8L + 8L * place;
        }

        FunctionDescriptor signature() {
            return switch (this) {
                case INITIALIZE, FINALIZE -> FunctionDescriptor.of(JAVA_LONG, ADDRESS);
                case GET_SLOT_LIST -> FunctionDescriptor.of(JAVA_LONG, JAVA_BYTE, ADDRESS, ADDRESS);
                case GET_TOKEN_INFO -> FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, ADDRESS);
            };
        }
    }

    /** Finds the one token of this label, in the URI's library or else in the usual ones. */
    static TokenSlot find(Path where, TokenUri uri) throws CredentialException {
        List<Path> modules = uri.module().map(List::of).orElse(USUAL).stream()
                .filter(Files::exists)
                .toList();
        if (modules.isEmpty()) {
            throw new CredentialException(
                    where,
                    uri.module()
                            .map(path -> "there is no PKCS#11 library " + path)
                            .orElse("no PKCS#11 library was found"),
                    "name the token's library in the URI: ?module-path=/usr/lib/...");
        }
        List<TokenSlot> found = new ArrayList<>();
        for (Path module : modules) {
            found.addAll(withToken(where, module, uri.token()));
        }
        if (found.size() != 1) {
            throw new CredentialException(
                    where,
                    (found.isEmpty() ? "no token '" : "several tokens '") + uri.token() + "' in " + modules,
                    found.isEmpty()
                            ? "is it plugged in? name its library with module-path"
                            : "give each its own label");
        }
        return found.getFirst();
    }

    private static List<TokenSlot> withToken(Path where, Path module, String label) throws CredentialException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment functions = functions(module, arena);
            long answer = call(functions, Function.INITIALIZE, MemorySegment.NULL);
            if (answer != OK && answer != ALREADY_INITIALIZED) {
                throw new IllegalStateException("it does not start (" + Long.toHexString(answer) + ")");
            }
            try {
                return slots(functions, arena).stream()
                        .filter(id -> label(functions, arena, id).equals(label))
                        .map(id -> new TokenSlot(module, id))
                        .toList();
            } finally {
                if (answer == OK) {
                    call(functions, Function.FINALIZE, MemorySegment.NULL);
                }
            }
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new CredentialException(where, module + " is no usable PKCS#11 library: " + e.getMessage(), "", e);
        }
    }

    /** The library stays loaded: SunPKCS11 is to use it next, and unloading a crypto library is asking for trouble. */
    @SuppressWarnings("restricted") // calls a library that an administrator chose
    private static MemorySegment functions(Path module, Arena arena) {
        MemorySegment get = SymbolLookup.libraryLookup(module, Arena.global())
                .find("C_GetFunctionList")
                .orElseThrow(() -> new IllegalStateException("it has no C_GetFunctionList"));
        MemorySegment list = arena.allocate(ADDRESS);
        invoke(get, FunctionDescriptor.of(JAVA_LONG, ADDRESS), list);
        return list.get(ADDRESS, 0).reinterpret(8 + 8 * 68);
    }

    private static List<Long> slots(MemorySegment functions, Arena arena) {
        MemorySegment count = arena.allocateFrom(JAVA_LONG, MOST_SLOTS);
        MemorySegment ids = arena.allocate(JAVA_LONG, MOST_SLOTS);
        if (call(functions, Function.GET_SLOT_LIST, (byte) 1, ids, count) != OK) {
            return List.of();
        }
        List<Long> slots = new ArrayList<>();
        for (long i = 0; i < Math.min(count.get(JAVA_LONG, 0), MOST_SLOTS); i++) {
            slots.add(ids.getAtIndex(JAVA_LONG, i));
        }
        return slots;
    }

    private static String label(MemorySegment functions, Arena arena, long id) {
        MemorySegment info = arena.allocate(TOKEN_INFO_BYTES, Long.BYTES);
        if (call(functions, Function.GET_TOKEN_INFO, id, info) != OK) {
            return "";
        }
        byte[] label = info.asSlice(0, LABEL_BYTES).toArray(JAVA_BYTE);
        return new String(label, StandardCharsets.UTF_8).stripTrailing();
    }

    private static long call(MemorySegment functions, Function function, Object... arguments) {
        return invoke(functions.get(ADDRESS, function.offset), function.signature(), arguments);
    }

    @SuppressWarnings("restricted")
    private static long invoke(MemorySegment address, FunctionDescriptor signature, Object... arguments) {
        try {
            return (long)
                    Linker.nativeLinker().downcallHandle(address, signature).invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException("calling a PKCS#11 function failed", e);
        }
    }
}
