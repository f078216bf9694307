package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.culvert.core.demo.Await;
import org.junit.jupiter.api.Test;

/** Compression on one side, then on both, as an administrator turns it on: with reloads. */
class CompressionLabTest extends TwoSiteLab {
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final byte[] LETTER = "We regret to inform you that the canteen is out of cake. "
            .repeat(20)
            .getBytes(StandardCharsets.UTF_8);

    private static void compress(Office office) throws IOException {
        Files.writeString(office.daemon().config(), "compression = \"zstd\"\n", StandardOpenOption.APPEND);
        office.daemon().ask("reload").succeeded();
    }

    private void send(byte[] text, UdpPlace from, UdpPlace to) throws IOException {
        from.send(
                text,
                new InetSocketAddress(birlinghoven.site().host4(), to.address().getPort()));
    }

    @Test
    void bothSidesMustHaveItAndThenItSavesBytes() throws Exception {
        try (UdpPlace there =
                        UdpPlace.open(birlinghoven.host(), birlinghoven.site().host4());
                UdpPlace here = UdpPlace.open(tokyo.host(), tokyo.site().host4())) {
            send(LETTER, here, there);
            assertArrayEquals(LETTER, there.receive());
            assertTrue(tokyo.peerStatus().path("compression").isNull());

            compress(tokyo);
            send(LETTER, here, there);
            Await.until(
                    "refused where it is not configured",
                    SOON,
                    () -> birlinghoven.status().dropped("compressed") == 1);
            assertEquals(List.of(), there.all());

            compress(birlinghoven);
            Status before = tokyo.status();
            send(LETTER, here, there);
            assertArrayEquals(LETTER, there.receive());
            Await.until(
                    "it is counted", SOON, () -> tokyo.status().since(before).sentPackets() > 0);
            Status sent = tokyo.status().since(before);
            assertTrue(sent.sentOuterBytes() < LETTER.length / 2, sent.toString());
            assertTrue(
                    tokyo.peerStatus().path("compression").path("saved_bytes").asLong() > LETTER.length, "saved");
            assertEquals(1, birlinghoven.status().dropped("compressed"));
        }
    }
}
