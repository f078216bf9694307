package org.culvert.core.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.culvert.tun.memory.OffHeap;

/** A sink that gathers each write into a byte array, and checks what the sink is promised. */
final class Writes implements Coalescer.Sink {
    final List<byte[]> all = new ArrayList<>();
    final List<Integer> packets = new ArrayList<>();

    /** As the sink was told, per write. */
    final List<Integer> packetBytes = new ArrayList<>();

    @Override
    public void write(long iovecs, int count, int packetBytes, int packets) {
        assertTrue(count >= 1 && count <= 128, "iovecs: " + count);
        ByteArrayOutputStream gathered = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            long address = OffHeap.nativeI64(iovecs + 16L * i);
            int length = (int) OffHeap.nativeI64(iovecs + 16L * i + 8);
            assertTrue(length > 0, "an empty iovec");
            byte[] slice = new byte[length];
            OffHeap.copy(address, slice, 0, length);
            gathered.writeBytes(slice);
        }
        all.add(gathered.toByteArray());
        this.packets.add(packets);
        this.packetBytes.add(packetBytes);
    }

    /** The packets the kernel delivers, in order. */
    List<byte[]> delivered() {
        List<byte[]> delivered = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            List<byte[]> packetsOfWrite = KernelModel.deliver(all.get(i));
            assertEquals(packets.get(i), packetsOfWrite.size(), "packets of write " + i);
            int bytes =
                    packetsOfWrite.stream().mapToInt(packet -> packet.length).sum();
            assertEquals(bytes, packetBytes.get(i), "packet bytes of write " + i);
            delivered.addAll(packetsOfWrite);
        }
        return delivered;
    }
}
