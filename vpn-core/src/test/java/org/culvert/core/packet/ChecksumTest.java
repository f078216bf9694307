package org.culvert.core.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.Test;

class ChecksumTest {
    private static final long SEED = 0x5eed_c5c5L;

    @Test
    void agreesWithTheSlowSumForEveryAlignmentAndLength() {
        Random random = new Random(SEED);
        try (Region region = new Region(65_535 + 64)) {
            byte[] noise = new byte[65_535 + 64];
            random.nextBytes(noise);
            OffHeap.copy(noise, 0, region.address(), noise.length);
            for (int at = 0; at < 16; at++) {
                for (int bytes = 0; bytes <= 200; bytes++) {
                    assertSum(region, noise, at, bytes, random.nextInt(0x10000));
                }
                assertSum(region, noise, at, 65_535, random.nextInt(0x10000));
            }
        }
    }

    private static void assertSum(Region region, byte[] noise, int at, int bytes, int initial) {
        assertEquals(
                SlowChecksum.sum(noise, at, at + bytes, initial),
                Checksum.sum(region.address() + at, bytes, initial),
                "seed " + SEED + " at " + at + " bytes " + bytes + " initial " + initial);
    }

    @Test
    void carriesOfTheLargestWordsAreNotLost() {
        try (Region region = new Region(65_536)) {
            OffHeap.fill(region.address(), 65_536, 0xff);
            for (int bytes = 1; bytes < 40; bytes++) {
                assertEquals(
                        (bytes & 1) == 0 ? 0xffff : 0xff00, Checksum.sum(region.address(), bytes, 0), "bytes " + bytes);
            }
            assertEquals(0xffff, Checksum.sum(region.address(), 65_534, 0xffff));
            assertEquals(0xff00, Checksum.sum(region.address(), 65_535, 0xffff));
        }
    }

    @Test
    void onlyNothingSumsToZero() {
        try (Region region = new Region(64)) {
            assertEquals(0, Checksum.sum(region.address(), 64, 0));
            OffHeap.putU16(region.address() + 6, 0xfffe);
            assertEquals(0xffff, Checksum.sum(region.address(), 64, 1));
        }
    }

    @Test
    void takesAnInitialSumThatIsNotFoldedYet() {
        try (Region region = new Region(8)) {
            assertEquals(0x9001, Checksum.sum(region.address(), 8, 0x7000_2001));
        }
    }

    @Test
    void anIpv4HeaderIsValidWithItsOwnChecksumOnly() {
        byte[] bytes = TestPacket.udp4().bytes();
        try (GuardedMemory memory = new GuardedMemory(20)) {
            long at = memory.putLast(Arrays.copyOf(bytes, 20));
            assertTrue(Checksum.isIpv4HeaderValid(at));
            for (int i = 0; i < 20; i++) {
                OffHeap.putU8(at + i, bytes[i] ^ 0x80);
                assertFalse(Checksum.isIpv4HeaderValid(at), "byte " + i);
                OffHeap.putU8(at + i, bytes[i]);
            }
        }
    }

    /** RFC 1071 section 3's example. */
    @Test
    void sumsTheExampleOfTheRfc() {
        try (Region region = new Region(8)) {
            OffHeap.putI64(region.address(), 0x0001_f203_f4f5_f6f7L);
            assertEquals(0xddf2, Checksum.sum(region.address(), 8, 0));
        }
    }

    @Test
    void pseudoHeaderIsThatOfBothFamilies() {
        for (TestPacket packet : samples(333)) {
            byte[] bytes = packet.bytes();
            try (GuardedMemory memory = new GuardedMemory(bytes.length)) {
                long at = memory.putLast(bytes);
                assertEquals(
                        SlowChecksum.pseudoHeader(packet.source, packet.destination, packet.protocol, 65_535),
                        Checksum.pseudoHeader(at, packet.version, packet.protocol, 65_535),
                        packet::toString);
            }
        }
    }

    @Test
    void finishingAPartialSumGivesTheCompleteOne() {
        for (int payloadBytes : new int[] {0, 1, 2, 7, 8, 1399, 1400}) {
            for (TestPacket packet : samples(payloadBytes)) {
                byte[] bytes = packet.copy().partial().bytes();
                try (GuardedMemory memory = new GuardedMemory(bytes.length)) {
                    long at = memory.putLast(bytes);
                    Checksum.finish(at, bytes.length, IpPacket.transport(at, bytes.length, packet.version));
                    assertArrayEquals(packet.bytes(), memory.bytes(at, bytes.length), packet::toString);
                    memory.assertGuardsIntact(packet.toString());
                }
            }
        }
    }

    /** UDP over IPv4 reads 0 as "no checksum", over IPv6 as an error (RFC 768, RFC 8200 section 8.1). */
    @Test
    void aFinishedSumIsNeverWrittenAsZero() {
        TestPacket packet = TestPacket.udp4((byte) 0, (byte) 0);
        int sum = TestPacket.get16(packet.bytes(), 26);
        packet.payload = new byte[] {(byte) (sum >>> 8), (byte) sum};
        byte[] bytes = packet.copy().partial().bytes();
        try (GuardedMemory memory = new GuardedMemory(bytes.length)) {
            long at = memory.putLast(bytes);
            long transport = IpPacket.transport(at, bytes.length, 4);
            Checksum.finish(at, bytes.length, transport);
            assertEquals(0xffff, OffHeap.u16(at + 26));
            assertTrue(Checksum.valid(at, bytes.length, 4, transport));
        }
    }

    @Test
    void validHoldsForCompleteSumsAndForNoOther() {
        for (int payloadBytes : new int[] {1, 2, 1399}) {
            for (TestPacket packet : samples(payloadBytes)) {
                byte[] bytes = packet.bytes();
                assertTrue(valid(packet, bytes), packet::toString);
                int start = packet.transportStart();
                for (int i : new int[] {12, start, start + 1, packet.headerBytes(), bytes.length - 1}) {
                    byte[] damaged = bytes.clone();
                    damaged[i] ^= 0x10;
                    assertFalse(valid(packet, damaged), packet + " damaged at " + i);
                }
                assertFalse(valid(packet, packet.copy().partial().bytes()), packet + " partial");
            }
        }
    }

    @Test
    void udpWithoutAChecksumIsNotValid() {
        TestPacket packet = TestPacket.udp4(TestPacket.payload(9, 1));
        byte[] bytes = packet.bytes();
        TestPacket.set16(bytes, 26, 0);
        assertFalse(valid(packet, bytes));

        // even where the sum over everything comes out right with the field at zero
        packet.payload = new byte[] {0, 0};
        int sum = TestPacket.get16(packet.bytes(), 26);
        packet.payload = new byte[] {(byte) (sum >>> 8), (byte) sum};
        bytes = packet.bytes();
        assertEquals(0xffff, TestPacket.get16(bytes, 26));
        TestPacket.set16(bytes, 26, 0);
        assertFalse(valid(packet, bytes));
    }

    private static boolean valid(TestPacket packet, byte[] bytes) {
        try (GuardedMemory memory = new GuardedMemory(bytes.length)) {
            long at = memory.putLast(bytes);
            return Checksum.valid(
                    at, bytes.length, packet.version, IpPacket.transport(at, bytes.length, packet.version));
        }
    }

    private static List<TestPacket> samples(int payloadBytes) {
        byte[] payload = TestPacket.payload(payloadBytes, 3);
        TestPacket options = TestPacket.tcp4(payload);
        options.ipv4Options = new byte[] {1, 1, 1, 0};
        options.tcpOptions = new byte[] {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 9};
        return List.of(
                TestPacket.tcp4(payload),
                TestPacket.tcp6(payload),
                TestPacket.udp4(payload),
                TestPacket.udp6(payload),
                options);
    }
}
