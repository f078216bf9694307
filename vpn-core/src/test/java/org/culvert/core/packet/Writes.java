package org.culvert.core.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.culvert.tun.memory.OffHeap;

/** A sink that gathers each write into a byte array, and checks what the sink is promised. */
final class Writes implements Coalescer.Sink {
    final List<byte[]> all = new ArrayList<>();
    final List<Integer> packets = new ArrayList<>();

    @Override
    public void write(long iovecs, int count, int bytes, int packets) {
        assertTrue(count >= 1 && count <= 128, "iovecs: " + count);
        byte[] gathered = new byte[bytes];
        int at = 0;
        for (int i = 0; i < count; i++) {
            long address = OffHeap.nativeI64(iovecs + 16L * i);
            int length = (int) OffHeap.nativeI64(iovecs + 16L * i + 8);
            assertTrue(length > 0, "an empty iovec");
            OffHeap.copy(address, gathered, at, length);
            at += length;
        }
        assertEquals(bytes, at, "bytes of all iovecs");
        all.add(gathered);
        this.packets.add(packets);
    }

    /** The packets the kernel delivers, in order. */
    List<byte[]> delivered() {
        List<byte[]> delivered = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            List<byte[]> packetsOfWrite = KernelModel.deliver(all.get(i));
            assertEquals(packets.get(i), packetsOfWrite.size(), "packets of write " + i);
            delivered.addAll(packetsOfWrite);
        }
        return delivered;
    }
}
