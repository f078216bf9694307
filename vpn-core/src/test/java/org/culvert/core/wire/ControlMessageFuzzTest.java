package org.culvert.core.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Coverage-guided: {@code JAZZER_FUZZ=1 ./mvnw -pl vpn-core -am test -Dtest=ControlMessageFuzzTest}. */
class ControlMessageFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void isReadOrRefused(byte[] data) {
        ControlMessageFuzz.read(data);
    }
}
