package org.culvert.core.epoch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import org.culvert.core.wire.ControlMessage;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.jspecify.annotations.Nullable;

/** Coverage-guided: {@code JAZZER_FUZZ=1 ./mvnw -pl vpn-core -am test -Dtest=ItemsFuzzTest}. */
class ItemsFuzzTest {
    /** Whatever a peer sends is refused before, or read; and what was read says the same once more when it is written. */
    @FuzzTest(maxDuration = "2m")
    void saysTheSameWrittenAgain(byte[] data) {
        byte[] message = Arrays.copyOf(data, Math.min(data.length, ControlMessage.KEPT_BYTES));
        Items items = read(message);
        if (items == null) {
            return;
        }
        byte[] written = items.write();
        Items again = read(written);
        assertNotNull(again);
        assertArrayEquals(written, again.write());
        assertEquals(items.confirm(), again.confirm());
        Items.Announcement announcement = items.announcement();
        if (announcement != null) {
            announcement.core().mode();
            int key = announcement.core().hasKey() ? announcement.core().key().length : 0;
            assertEquals(announcement.core().bytes().length, key == 0 ? 12 : 28 + key);
        }
    }

    private static @Nullable Items read(byte[] message) {
        try (Region region = new Region(2 * ControlMessage.KEPT_BYTES)) {
            OffHeap.copy(message, 0, region.address(), message.length);
            return ControlMessage.readable(region.address(), message.length)
                    ? Items.read(message, ControlMessage.meaningfulBytes(region.address(), message.length))
                    : null;
        }
    }
}
