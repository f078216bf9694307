package org.culvert.core.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What went into a {@link Coalescer} must come out of the kernel: each packet once, byte for byte, those of a flow in their
 * order, and nothing passing a packet that belongs to no flow.
 */
final class DeliveryCheck {
    private record Packet(int index, byte[] bytes, boolean sameIdAsNeighbour) {}

    private static final String NO_FLOW = "none";

    private final Map<String, List<byte[]>> flows = new HashMap<>();
    private final List<String> keys = new ArrayList<>();

    /** Notes a packet as it goes in; a partial one is expected back with a complete checksum. */
    void in(byte[] packet, boolean partial, int version, long transport) {
        byte[] expected = packet.clone();
        if (partial) {
            KernelModel.finish(expected, IpPacket.start(transport), IpPacket.checksumField(transport));
        }
        String key = key(packet, version, transport);
        keys.add(key);
        flows.computeIfAbsent(key, k -> new ArrayList<>()).add(expected);
    }

    private static String key(byte[] packet, int version, long transport) {
        if (transport == 0) {
            return NO_FLOW;
        }
        int start = IpPacket.start(transport);
        return Arrays.toString(version == 4 ? Arrays.copyOfRange(packet, 12, 20) : Arrays.copyOfRange(packet, 8, 40))
                + IpPacket.protocol(transport)
                + Arrays.toString(Arrays.copyOfRange(packet, start, start + 4));
    }

    void assertDelivered(List<byte[]> delivered, String what) {
        Map<String, Deque<Packet>> expected = expected();
        assertEquals(keys.size(), delivered.size(), what + ": packets");
        boolean[] seen = new boolean[keys.size()];
        int before = 0; // all up to here have been delivered
        for (byte[] packet : delivered) {
            Packet match = take(expected, packet, what);
            seen[match.index] = true;
            if (keys.get(match.index).equals(NO_FLOW)) {
                for (int i = 0; i < match.index; i++) {
                    assertTrue(seen[i], what + ": packet " + match.index + " of no flow passed packet " + i);
                }
            }
            assertTrue(match.index >= before, what + ": packet " + match.index + " was passed by one of no flow");
            if (keys.get(match.index).equals(NO_FLOW)) {
                before = match.index;
            }
        }
    }

    private Map<String, Deque<Packet>> expected() {
        Map<String, Deque<Packet>> expected = new HashMap<>();
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            List<byte[]> flow = flows.get(keys.get(i));
            int n = counts.merge(keys.get(i), 1, Integer::sum) - 1;
            boolean sameId = (n > 0 && isSameId(flow.get(n - 1), flow.get(n)))
                    || (n + 1 < flow.size() && isSameId(flow.get(n), flow.get(n + 1)));
            expected.computeIfAbsent(keys.get(i), k -> new ArrayDeque<>()).add(new Packet(i, flow.get(n), sameId));
        }
        return expected;
    }

    private static boolean isSameId(byte[] one, byte[] other) {
        return TestPacket.get16(one, 4) == TestPacket.get16(other, 4);
    }

    private static Packet take(Map<String, Deque<Packet>> expected, byte[] packet, String what) {
        for (Deque<Packet> flow : expected.values()) {
            Packet head = flow.peek();
            if (head != null && isSame(head, packet)) {
                return flow.remove();
            }
        }
        for (Deque<Packet> flow : expected.values()) { // for a message that shows the difference
            if (!flow.isEmpty() && flow.peek().bytes.length == packet.length) {
                assertArrayEquals(flow.peek().bytes, packet, what + ": perhaps packet " + flow.peek().index);
            }
        }
        return fail(what + ": a packet that is next in no flow");
    }

    /** Equal; or the identification of a run with a fixed one, which comes out counted up. */
    private static boolean isSame(Packet expected, byte[] actual) {
        if (Arrays.equals(expected.bytes, actual)) {
            return true;
        }
        byte[] in = expected.bytes.clone();
        byte[] out = actual.clone();
        if (in.length != out.length || (in[0] & 0xf0) != 0x40 || (in[6] & 0x40) == 0 || !expected.sameIdAsNeighbour) {
            return false;
        }
        if (SlowChecksum.sum(in, 0, 20, 0) != 0xffff || SlowChecksum.sum(out, 0, 20, 0) != 0xffff) {
            return false;
        }
        for (byte[] bytes : List.of(in, out)) {
            TestPacket.set16(bytes, 4, 0);
            TestPacket.set16(bytes, 10, 0);
        }
        return Arrays.equals(in, out);
    }
}
