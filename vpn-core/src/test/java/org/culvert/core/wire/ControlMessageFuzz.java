package org.culvert.core.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/** Any bytes, read by the codec and by a slow model; the bytes behind the message must never matter. */
final class ControlMessageFuzz {
    private ControlMessageFuzz() {}

    static void read(byte[] data) {
        int bytes = Math.min(data.length, 4000);
        byte[] message = Arrays.copyOf(data, bytes);
        try (Region region = new Region(8192)) {
            long at = region.address();
            boolean[] verdicts = new boolean[2];
            for (int i = 0; i < 2; i++) {
                OffHeap.fill(at, 8192, i == 0 ? 0 : 0xff);
                OffHeap.copy(message, 0, at, bytes);
                verdicts[i] = ControlMessage.readable(at, bytes);
            }
            assertEquals(verdicts[0], verdicts[1], "what lies behind the message decided");
            assertEquals(model(message), verdicts[0]);
            if (verdicts[0]) {
                int meaningful = ControlMessage.meaningfulBytes(at, bytes);
                assertTrue(meaningful <= Math.min(bytes, ControlMessage.KEPT_BYTES));
                for (int type = 0; type < 6; type++) {
                    long value = ControlMessage.find(at, meaningful, type);
                    assertTrue(value == 0 || (value >= at + 6 && value <= at + meaningful));
                }
            }
        }
    }

    private static boolean model(byte[] message) {
        ByteBuffer in = ByteBuffer.wrap(message);
        if (in.remaining() < 2 || in.get() != 1) {
            return false;
        }
        in.get();
        while (in.hasRemaining()) {
            if (in.remaining() < 4) {
                return false;
            }
            int type = Short.toUnsignedInt(in.getShort());
            int length = Short.toUnsignedInt(in.getShort());
            int least = switch (type) {
                case 1 -> 8;
                case 2, 3, 4 -> 18;
                case 16 -> 28;
                case 17 -> 32;
                case 18 -> 13;
                case 19 -> 5;
                case 32 -> 42;
                case 34 -> 20;
                case 35 -> 21;
                default -> 0;
            };
            if (length > in.remaining() || length < least) {
                return false;
            }
            if (type == 0) {
                return length == in.remaining() && in.position() <= 1024;
            }
            in.position(in.position() + length);
            if (in.position() > 1024) {
                return false;
            }
        }
        return true;
    }
}
