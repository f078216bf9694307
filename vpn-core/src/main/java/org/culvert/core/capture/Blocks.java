package org.culvert.core.capture;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Passes pcapng on block by block, so that a file cut off at any moment ends with a whole packet, and counts what passes. One thread; the
 * counts any.
 */
public final class Blocks {
    private static final int HEAD_BYTES = 8;
    private static final int LEAST_BYTES = 12;
    private static final int MOST_BYTES = 1 << 20;

    /** Written at once: whole blocks, so that a process killed leaves a whole file. */
    private static final int ENOUGH_BYTES = 64 << 10;

    /** In a statistics block without its head: interface, time (two words), head of the option. */
    private static final int MISSED_OFFSET = 16;

    private volatile long packets;
    private volatile long missed;

    /**
     * Copies until the stream ends.
     *
     * @param to not buffered
     * @throws IOException when it is no pcapng, or one of the two streams fails
     */
    public void copy(InputStream from, OutputStream to) throws IOException {
        DataInputStream in = new DataInputStream(from);
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        byte[] head = new byte[HEAD_BYTES];
        try {
            while (true) {
                in.readFully(head);
                ByteBuffer fields = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
                int type = fields.getInt();
                int length = fields.getInt();
                if (length < LEAST_BYTES || length > MOST_BYTES) {
                    throw new IOException("the daemon's answer is no capture");
                }
                byte[] rest = new byte[length - HEAD_BYTES];
                in.readFully(rest);
                whole.writeBytes(head);
                whole.writeBytes(rest);
                count(type, rest);
                if (in.available() == 0 || whole.size() >= ENOUGH_BYTES) {
                    to.write(whole.toByteArray());
                    whole.reset();
                }
            }
        } catch (EOFException e) {
            to.write(whole.toByteArray()); // the daemon ended: a packet under way is lost, the file is whole
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    private void count(int type, byte[] rest) {
        if (type == Pcapng.PACKET) {
            packets++;
        } else if (type == Pcapng.STATISTICS && rest.length >= MISSED_OFFSET + Long.BYTES) {
            missed = ByteBuffer.wrap(rest).order(ByteOrder.LITTLE_ENDIAN).getLong(MISSED_OFFSET);
        }
    }

    public long packets() {
        return packets;
    }

    public long missed() {
        return missed;
    }
}
