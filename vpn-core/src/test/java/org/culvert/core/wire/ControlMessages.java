package org.culvert.core.wire;

import java.util.function.LongUnaryOperator;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/** Control messages as byte arrays, for tests. */
public final class ControlMessages {
    private ControlMessages() {}

    /** @param items writes behind the header and returns the end */
    public static byte[] of(LongUnaryOperator items) {
        try (Region region = new Region(65_536)) {
            long end = items.applyAsLong(ControlMessage.begin(region.address()));
            byte[] message = new byte[(int) (end - region.address())];
            OffHeap.copy(region.address(), message, 0, message.length);
            return message;
        }
    }

    public static byte[] echo(long id) {
        return of(at -> ControlMessage.putEcho(at, id));
    }
}
