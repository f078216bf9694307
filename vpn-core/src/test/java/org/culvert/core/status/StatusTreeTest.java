package org.culvert.core.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatusTreeTest {
    @Test
    void readsWhatTheDaemonWrites() throws IOException {
        StatusTree status = StatusTree.parse(StatusJson.of(Samples.tokyo()));
        assertEquals(GatewayStatus.SCHEMA, status.text("schema"));
        assertEquals(12_345, status.child("drops").number("unknown_spi"));
        assertEquals(List.of("gso", "gro"), status.child("udp").texts("offloads"));
        assertTrue(status.child("tun").flag("persistent"));
        StatusTree peer = status.children("peers").getFirst();
        assertEquals("birlinghoven", peer.text("name"));
        assertEquals(Optional.of(-412.3), peer.decimal("clock_skew_seconds"));
        assertEquals(
                List.of("replay", "auth", "before_floor", "a_new_reason"),
                peer.child("drops").names());
    }

    @Test
    void readsWhatIsNotThereAsNothing() throws IOException {
        StatusTree status = StatusTree.parse("{\"tun\":7,\"peers\":[1],\"name\":null}");
        assertEquals("", status.text("name"));
        assertEquals(0, status.number("none"));
        assertEquals("", status.child("tun").child("deeper").text("name"));
        assertEquals(List.of(), status.children("peers"));
        assertEquals(Optional.empty(), status.decimal("none"));
        assertFalse(status.flag("none"));
    }

    @Test
    void refusesWhatIsNoObject() {
        assertThrows(IOException.class, () -> StatusTree.parse("[]"));
        assertThrows(IOException.class, () -> StatusTree.parse("{\"cut\":"));
    }
}
