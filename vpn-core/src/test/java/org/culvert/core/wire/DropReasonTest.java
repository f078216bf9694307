package org.culvert.core.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class DropReasonTest {
    /** Dashboards and scripts outside this repository read these: an old one never changes. */
    @Test
    void labelsAreStable() {
        assertEquals(
                List.of(
                        "short",
                        "version",
                        "type",
                        "discovery_busy",
                        "discovery_malformed",
                        "discovery_off",
                        "discovery_limited",
                        "discovery_unasked",
                        "discovery_refused",
                        "unknown_spi",
                        "suite",
                        "replay",
                        "auth",
                        "time",
                        "before_floor",
                        "late",
                        "no_forward_secrecy",
                        "compressed",
                        "inner_version",
                        "inner_length",
                        "bad_partial",
                        "inner_source",
                        "not_for_us",
                        "not_a_member",
                        "group_full",
                        "policy_in",
                        "congestion",
                        "control_full",
                        "control_unexpected",
                        "tun_write"),
                labels(true));
        assertEquals(
                List.of(
                        "tx_malformed",
                        "tx_local",
                        "tx_no_route",
                        "tx_source",
                        "tx_policy",
                        "tx_no_endpoint",
                        "tx_no_keys",
                        "tx_too_big",
                        "tx_socket",
                        "tx_busy"),
                labels(false));
    }

    @Test
    void theProtocolDocumentNamesEachOne() throws IOException {
        String receiving = Files.readString(Path.of("doc/protocol.md")).split("\n## Receiving\n")[1];
        for (DropReason reason : DropReason.values()) {
            assertTrue(receiving.contains("`" + reason.label() + "`"), reason.label());
        }
    }

    private static List<String> labels(boolean inbound) {
        return Arrays.stream(DropReason.values())
                .filter(reason -> reason.inbound() == inbound)
                .map(DropReason::label)
                .toList();
    }
}
