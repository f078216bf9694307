package org.culvert.core.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.culvert.core.wire.DropReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DropsTest {
    @ParameterizedTest
    @EnumSource(DropReason.class)
    void everyReasonHasItsMeaning(DropReason reason) {
        assertTrue(Drops.known(reason.label()), reason.label());
    }

    @Test
    void showsOnlyWhatWasDropped() {
        Map<String, Long> drops = new LinkedHashMap<>();
        drops.put("short", 0L);
        assertEquals(List.of("nothing"), Drops.lines(drops));
        drops.put("replay", 1_234L);
        drops.put("not_thought_of", 1L);
        assertEquals(List.of("1,234 replay (seen before)", "1 not_thought_of"), Drops.lines(drops));
    }
}
