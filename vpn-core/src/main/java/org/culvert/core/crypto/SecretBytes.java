package org.culvert.core.crypto;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Arrays;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/**
 * A secret in native memory: the collector cannot leave copies of it behind, it is zeroed when closed, it compares in
 * constant time and never prints itself. Immutable while open; usable from any thread, closed by its owner.
 *
 * <p>The JDK's own classes take keys as heap arrays and copy them, so a secret that went through them may stay in the
 * heap until its place is reused: erasing is best effort. Callers zero the arrays they hold.
 */
public final class SecretBytes implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final Region memory;
    private final int length;
    private volatile boolean closed;

    private SecretBytes(byte[] bytes) {
        this.length = bytes.length;
        this.memory = new Region(bytes.length);
        OffHeap.copy(bytes, 0, memory.address(), length);
    }

    /** Takes over what the array holds: copies it and zeroes the array. */
    public static SecretBytes taking(byte[] bytes) {
        try {
            return new SecretBytes(bytes);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /** The same for what several hold and nobody closes, as what is configured: zeroed once the last of them has let go of it. */
    public static SecretBytes sharing(byte[] bytes) {
        SecretBytes secret = taking(bytes);
        CLEANER.register(secret, secret.memory::close);
        return secret;
    }

    public int length() {
        return length;
    }

    /** A heap copy, for the JDK's key classes; the caller zeroes it. */
    byte[] copy() {
        ensureOpen();
        byte[] bytes = new byte[length];
        try {
            OffHeap.copy(memory.address(), bytes, 0, length);
        } finally {
            Reference.reachabilityFence(this);
        }
        return bytes;
    }

    /** Constant time in the contents: how long it takes tells nothing about where two secrets differ. */
    @Override
    public boolean equals(Object other) {
        if (!(other instanceof SecretBytes secret) || secret.length != length) {
            return false;
        }
        ensureOpen();
        secret.ensureOpen();
        int difference = 0;
        try {
            for (int i = 0; i < length; i++) {
                difference |= OffHeap.u8(memory.address() + i) ^ OffHeap.u8(secret.memory.address() + i);
            }
        } finally {
            Reference.reachabilityFence(this);
            Reference.reachabilityFence(secret);
        }
        return difference == 0;
    }

    /** Of the length only: a hash of the contents would leak bits of them into tables and logs. */
    @Override
    public int hashCode() {
        return length;
    }

    @Override
    public String toString() {
        return "SecretBytes[" + length + " bytes, redacted]";
    }

    /** Zeroes the memory; a second call does nothing. */
    @Override
    public void close() {
        closed = true;
        memory.close();
    }

    private void ensureOpen() {
        if (closed) {
            throw new IllegalStateException("this secret was closed");
        }
    }
}
