package org.culvert.core.compress;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.BeforeAll;

/** Coverage-guided: {@code JAZZER_FUZZ=1 ./mvnw -pl vpn-core -am test -Dtest=CompressionFuzzTest#unpacks}. */
class CompressionFuzzTest {
    @BeforeAll
    static void libraryIsThere() {
        assumeTrue(Compressor.available() || "true".equals(System.getenv("CI")), Compressor.missing());
    }

    @FuzzTest(maxDuration = "100s")
    void unpacks(byte[] data) {
        CompressionFuzz.unpack(data);
    }

    @FuzzTest(maxDuration = "100s")
    void packs(byte[] data) {
        CompressionFuzz.packAndUnpack(data);
    }
}
