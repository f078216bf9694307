package org.culvert.core.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Random and mutated input by the hundred thousand, the same every time: what fuzzing asserts, in every build. */
class PacketMutationTest {
    private static final long SEED = 0x5eed_f022L;
    private static final int INPUTS = 100_000;

    @Test
    void ipPacketHoldsForAnyBytes() {
        run(packets(), PacketFuzz::ipPacket);
    }

    @Test
    void groupPacketHoldsForAnyBytes() {
        run(packets(), PacketFuzz::groupPacket);
    }

    @Test
    void segmenterHoldsForAnyBytes() {
        run(reads(), PacketFuzz::segmenter);
    }

    @Test
    void coalescerHoldsForAnyStream() {
        Random random = new Random(SEED);
        for (int i = 0; i < INPUTS / 100; i++) {
            byte[] data = new byte[5 * (50 + random.nextInt(150))];
            random.nextBytes(data);
            int flows = 1 << random.nextInt(5);
            for (int at = 0; at < data.length; at += 5) {
                data[at] = (byte) (random.nextInt(flows) | data[at] & 0xf0);
                data[at + 1] = (byte) (random.nextBoolean() ? data[at + 1] & 0x3f : data[at + 1]);
                data[at + 4] = (byte) (random.nextInt(4) == 0 ? data[at + 4] : data[at + 4] & ~4);
            }
            input(PacketFuzz::coalescer, data, i);
        }
    }

    /** T27 of our test catalogue: each length, each version, lying lengths, each segmentation type. */
    @Test
    void noLengthAndNoVersionIsTakenForWhatItIsNot() {
        byte[] read = new byte[VnetHeader.BYTES + 65_536];
        try (GuardedMemory memory = new GuardedMemory(read.length)) {
            Segmenter segmenter = new Segmenter();
            for (int bytes = 0; bytes <= 65_535; bytes += bytes < 200 ? 1 : 97) {
                for (int version = 0; version < 16; version++) {
                    read[VnetHeader.BYTES] = (byte) (version << 4 | 5);
                    long at = memory.putLast(Arrays.copyOf(read, VnetHeader.BYTES + bytes));
                    boolean sound = version == 6 && bytes == 40; // the others say a length of 0
                    assertEquals(
                            sound ? 1 : Segmenter.MALFORMED,
                            segmenter.begin(at, VnetHeader.BYTES + bytes),
                            "bytes " + bytes + " version " + version);
                }
            }
            memory.assertGuardsIntact("Segmenter");
        }
    }

    private static List<byte[]> packets() {
        List<byte[]> packets = new ArrayList<>();
        for (TestPacket packet : seeds()) {
            packets.add(packet.bytes());
        }
        return packets;
    }

    private static List<byte[]> reads() {
        List<byte[]> reads = new ArrayList<>();
        for (TestPacket packet : seeds()) {
            int offset = packet.protocol == IpPacket.TCP ? 16 : 6;
            reads.add(KernelModel.read(
                    1,
                    0,
                    0,
                    0,
                    packet.transportStart(),
                    offset,
                    packet.copy().partial().bytes()));
            reads.add(KernelModel.read(0, 0, 0, 0, 0, 0, packet.bytes()));
            if (packet.protocol == IpPacket.TCP || packet.protocol == IpPacket.UDP) {
                reads.add(KernelModel.readSuper(packet, 1));
                reads.add(KernelModel.readSuper(packet, 20));
            }
        }
        return reads;
    }

    static List<TestPacket> seeds() {
        TestPacket options = TestPacket.tcp4(TestPacket.payload(70, 3));
        options.ipv4Options = new byte[] {1, 1, 1, 0};
        options.tcpOptions = new byte[] {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8};
        TestPacket extended = TestPacket.udp6(TestPacket.payload(70, 4));
        extended.extensionTypes = new int[] {0, 43, 60};
        extended.extensions = new byte[][] {new byte[6], new byte[22], new byte[14]};
        TestPacket fragment = TestPacket.tcp6(TestPacket.payload(70, 5));
        fragment.extensionTypes = new int[] {44};
        fragment.extensions = new byte[][] {new byte[6]};
        TestPacket icmp = TestPacket.tcp4(TestPacket.payload(70, 6));
        icmp.protocol = 1;
        return List.of(
                TestPacket.tcp4(TestPacket.payload(70, 1)),
                TestPacket.tcp6(TestPacket.payload(70, 2)),
                TestPacket.udp4(TestPacket.payload(70, 1)),
                TestPacket.udp6(TestPacket.payload(70, 2)),
                options,
                extended,
                fragment,
                icmp);
    }

    private static void run(List<byte[]> seeds, Consumer<byte[]> target) {
        Random random = new Random(SEED);
        for (int i = 0; i < INPUTS; i++) {
            input(target, i % 10 == 0 ? noise(random) : mutated(seeds.get(random.nextInt(seeds.size())), random), i);
        }
    }

    private static void input(Consumer<byte[]> target, byte[] data, int number) {
        try {
            target.accept(data);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + SEED + " input " + number + ": " + Arrays.toString(data), e);
        }
    }

    private static byte[] noise(Random random) {
        byte[] data = new byte[random.nextInt(200)];
        random.nextBytes(data);
        if (data.length > 10) {
            data[random.nextBoolean() ? 0 : 10] = (byte) (random.nextBoolean() ? 0x45 : 0x60);
        }
        return data;
    }

    private static byte[] mutated(byte[] seed, Random random) {
        int bytes = random.nextInt(8) == 0 ? random.nextInt(seed.length + 20) : seed.length;
        byte[] data = Arrays.copyOf(seed, bytes);
        for (int i = random.nextInt(4); i > 0 && bytes > 0; i--) {
            int at = random.nextInt(random.nextBoolean() ? Math.min(bytes, 70) : bytes);
            data[at] = switch (random.nextInt(4)) {
                case 0 -> (byte) random.nextInt();
                case 1 -> (byte) (data[at] ^ 1 << random.nextInt(8));
                case 2 -> (byte) (data[at] + random.nextInt(9) - 4);
                default -> (byte) (random.nextBoolean() ? 0 : 0xff);
            };
        }
        return data;
    }
}
