/**
 * Native memory: {@link org.culvert.tun.memory.Region} owns it, {@link org.culvert.tun.memory.OffHeap} reads and
 * writes it. Packets live here from the first system call to the last, so that nothing is copied into the Java heap
 * and no garbage is made.
 *
 * <p>It is java.lang.foreign although the system calls next door are JNA, because each does one thing well. FFM
 * accessors compile to single machine instructions, while JNA's {@code Memory} costs a native call per field; JNA's
 * direct mapping needs nothing of the caller but an address in a {@code long}, which is all the two share.
 *
 * <p>Any thread; depends on the JDK only.
 */
@NullMarked
package org.culvert.tun.memory;

import org.jspecify.annotations.NullMarked;
