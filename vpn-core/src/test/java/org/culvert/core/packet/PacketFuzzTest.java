package org.culvert.core.packet;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Coverage-guided: {@code JAZZER_FUZZ=1 ./mvnw -pl vpn-core -am test -Dtest=PacketFuzzTest#segmenter}. */
class PacketFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void ipPacket(byte[] data) {
        PacketFuzz.ipPacket(data);
    }

    @FuzzTest(maxDuration = "2m")
    void groupPacket(byte[] data) {
        PacketFuzz.groupPacket(data);
    }

    @FuzzTest(maxDuration = "2m")
    void segmenter(byte[] data) {
        PacketFuzz.segmenter(data);
    }

    @FuzzTest(maxDuration = "2m")
    void coalescer(byte[] data) {
        PacketFuzz.coalescer(data);
    }
}
