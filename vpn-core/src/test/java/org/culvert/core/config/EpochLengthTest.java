package org.culvert.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EpochLengthTest {
    @Test
    void readsTimes() throws Exception {
        assertEquals(Duration.ofMinutes(10).toNanos(), EpochLength.parse("10m"));
        assertEquals(Duration.ofMinutes(10).toNanos(), EpochLength.parse("10 min"));
        assertEquals(Duration.ofHours(24).toNanos(), EpochLength.parse("24h"));
        assertEquals(Duration.ofSeconds(90).toNanos(), EpochLength.parse("90s"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"59s", "25h", "0m", "1d", "-1h", "h", "", "1.5h", "01h"})
    void refusesWhatIsTooShortTooLongOrNoTime(String text) {
        assertThrows(BadValue.class, () -> EpochLength.parse(text));
    }
}
