package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Programs;
import org.junit.jupiter.api.Test;

/** A revocation list that one gateway got reaches the other through the tunnel, and cuts off a third. */
class ListLabTest extends TwoSiteLab {
    private static final Duration SOON = Duration.ofSeconds(30);

    @Override
    void prepare() throws Exception {
        Certificates.issue(folder, "osaka", "osaka", List.of("10.3.0.0/24"));
        ca("crl", "--out", "tokyo.crl");
        Files.copy(folder.resolve("tokyo.crl"), folder.resolve("birlinghoven.crl"));
        configureBoth();
        for (Office office : List.of(tokyo, birlinghoven)) {
            office.reconfigure("listen ", "crl = \"../" + office.name() + ".crl\"\nlisten ");
        }
        Files.writeString(birlinghoven.daemon().config(), """

                [[peer]]
                name        = "osaka"
                certificate = "../osaka/host.crt"
                """, StandardOpenOption.APPEND);
        startBoth();
    }

    private void ca(String... arguments) throws IOException {
        var command = new ArrayList<>(List.of(Product.CULVERT, "ca", arguments[0], "--dir", "ca"));
        command.addAll(List.of(arguments).subList(1, arguments.length));
        Programs.runIn(folder, command).succeeded();
    }

    @Test
    void reachesThePeerAndCutsOffAThird() throws Exception {
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        assertEquals("up", osaka().path("state").asText());
        awaitNumber(birlinghoven, 1);
        awaitNumber(tokyo, 1);

        ca("revoke", "--reason", "key-compromise", "osaka");
        ca("crl", "--out", "next.crl");
        Files.move(folder.resolve("next.crl"), folder.resolve("tokyo.crl"), StandardCopyOption.REPLACE_EXISTING);

        birlinghoven.daemon().awaitLog("peer tokyo: sent revocation list 2 of 'Big Bucks CA', which is in force now");
        Await.until(
                "osaka is cut off", SOON, () -> osaka().path("state").asText().equals("down"));
        assertTrue(osaka().path("reason").asText().contains("was revoked at"), osaka().toString());
        awaitNumber(tokyo, 2);
        assertAllAnswered(tokyo.ping(birlinghoven, 3));

        // Birlinghoven's own file is still the old one: what came is kept.
        birlinghoven.daemon().stop();
        birlinghoven.daemon().start().awaitReady();
        assertEquals("down", osaka().path("state").asText());
        assertEquals(0, birlinghoven.daemon().ask("reload").code());
        assertEquals("down", osaka().path("state").asText());
    }

    private JsonNode osaka() throws IOException {
        return birlinghoven.peerStatus(1);
    }

    /** What the office knows of its peer. */
    private static void awaitNumber(Office office, long number) throws Exception {
        Await.until(
                office.name() + " knows that its peer enforces list " + number,
                SOON,
                () -> office.peerStatus()
                                .path("revocation_lists")
                                .path(0)
                                .path("number")
                                .asLong()
                        == number);
    }
}
