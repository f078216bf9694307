package org.culvert.core.control.socket;

import org.jspecify.annotations.Nullable;

/** A body that comes bit by bit until one of the two ends it. The socket's thread. */
public interface Feed extends AutoCloseable {
    /** What is at hand: nothing is an empty array, the end is null. Asked every 20 ms while the reader keeps up. */
    byte @Nullable [] next();

    @Override
    void close();
}
