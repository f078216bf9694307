package org.culvert.core.status;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.culvert.core.status.GatewayStatus.Certificate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionTest {
    /** From a third of its life on. */
    @ParameterizedTest
    @CsvSource({"365, 122, false", "365, 121, true", "3650, 1216, true", "3, 2, false", "3, 0, true"})
    void announcesTheEndOfACertificate(int lifeDays, int daysLeft, boolean announced) {
        Instant end = Samples.AT.plus(Duration.ofDays(daysLeft)).plusSeconds(5_400);
        Certificate certificate = new Certificate(end.minus(Duration.ofDays(lifeDays)), end, List.of());
        assertEquals(
                announced
                        ? List.of("this gateway's certificate ends in "
                                + (daysLeft == 0 ? "1 h 30 min" : daysLeft + " d 1 h"))
                        : List.of(),
                Attention.lines(with(certificate, true)));
    }

    @ParameterizedTest
    @CsvSource({"true, 0", "false, 1"})
    void saysThatForwardingIsOff(boolean on, int lines) {
        Certificate good = new Certificate(Samples.AT, Samples.AT.plus(Duration.ofDays(200)), List.of());
        assertEquals(lines, Attention.lines(with(good, on)).size());
    }

    /** Networks of one family only: the other family's switch does not matter. */
    private static GatewayStatus with(Certificate certificate, boolean forwardsIpv4) {
        GatewayStatus status = Samples.tokyo();
        GatewayStatus.Gateway gateway = status.gateway();
        return new GatewayStatus(
                status.at(),
                new GatewayStatus.Gateway(
                        gateway.name(),
                        gateway.version(),
                        gateway.instance(),
                        gateway.uptime(),
                        List.of("10.1.0.0/24"),
                        false,
                        forwardsIpv4,
                        false),
                status.udp(),
                status.tun(),
                status.cipher(),
                certificate,
                List.of(),
                status.drops(),
                status.discovery(),
                List.of(),
                List.of(),
                Optional.empty());
    }
}
