package org.culvert.core.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;

class AgreedPeersTest {
    @Test
    void forgetsWhatWasNotSeenForTheLongestWhenThereAreTooMany() {
        AgreedPeers agreed = new AgreedPeers(Set.of("bonn"));
        for (int i = 0; i < AgreedPeers.MOST; i++) {
            agreed.remember("gone-" + i);
            agreed.remember("osaka");
            assertEquals(i < AgreedPeers.MOST - 2, agreed.holds("bonn"), "number " + i);
        }
        assertTrue(agreed.holds("osaka"), "it is configured");
        assertFalse(agreed.holds("gone-0"));
        assertTrue(agreed.holds("gone-1"));
        assertEquals(AgreedPeers.MOST, agreed.names().size());
    }
}
