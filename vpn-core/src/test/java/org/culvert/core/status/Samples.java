package org.culvert.core.status;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.culvert.core.policy.PolicyCounts;
import org.culvert.core.status.GatewayStatus.Certificate;
import org.culvert.core.status.PeerStatus.Traffic;

/** A gateway in Tokyo with one peer that is well and one that is not. */
public final class Samples {
    public static final Instant AT = Instant.parse("2026-03-04T03:07:09.5Z");

    private Samples() {}

    public static GatewayStatus tokyo() {
        return new GatewayStatus(
                AT,
                new GatewayStatus.Gateway(
                        "tokyo",
                        "0.1.0",
                        "4f1c",
                        Duration.ofHours(76).plusMinutes(5),
                        List.of("10.1.0.0/24", "2001:db8:1::/48"),
                        false,
                        true,
                        false),
                new GatewayStatus.Udp("0.0.0.0:1640", List.of("gso", "gro")),
                new GatewayStatus.Tun(
                        "culvert0",
                        1420,
                        true,
                        List.of("tso", "uso"),
                        List.of(new GatewayStatus.Queue(11, 23, 0), new GatewayStatus.Queue(37, 41, 5))),
                new GatewayStatus.Cipher("ipsec-mb", "fastest in a trial: 6.1 Gbit/s, jce 4.0"),
                certificate("2025-03-16T00:00:00Z", "2026-03-16T00:00:00Z"),
                List.of(),
                drops("short", 3L, "version", 0L, "unknown_spi", 12_345L),
                new GatewayStatus.Discovery(true, 14, 3, 61, 2),
                List.of(birlinghoven(), osaka()),
                List.of(new GroupStatus(
                        "239.1.2.3",
                        List.of("birlinghoven", "osaka"),
                        List.of("lan0"),
                        1_000,
                        new GroupStatus.Traffic(4_711, 612_430),
                        new GroupStatus.Traffic(1_302, 97_650),
                        drops("source", 3L, "ttl", 0L, "rate_out", 17L))),
                Optional.of(new PolicyCounts(
                        List.of(
                                new PolicyCounts.OfRule("telnet", 12_345, 12_001, 17),
                                new PolicyCounts.OfRule("ping", 1, 0, 1)),
                        List.of("osaka"),
                        18,
                        262_144,
                        0)));
    }

    public static PeerStatus birlinghoven() {
        return new PeerStatus(
                "birlinghoven",
                true,
                "",
                Optional.of("192.0.2.2:1640"),
                Optional.of(Duration.ofMillis(2_345)),
                List.of("aes-128-gcm", "aes-128-gmac"),
                "aes-128-gmac",
                true,
                "packet",
                1404,
                List.of("10.2.0.0/24"),
                Optional.of(certificate("2025-09-01T00:00:00Z", "2026-09-01T00:00:00Z")),
                "fetched",
                new Traffic(1_234_567, 1_600_000_000L, 1_700_000_001L),
                new Traffic(1, 84, 164),
                drops("replay", 7L, "auth", 0L, "before_floor", 2L, "a_new_reason", 4L),
                Optional.of(Duration.ofMillis(-412_300)),
                new KeyStatus(
                        KeyStatus.EPOCH,
                        Optional.of(Duration.ofSeconds(1_234)),
                        true,
                        false,
                        "required",
                        Optional.of("preferred"),
                        ""),
                new WayStatus(
                        true,
                        "alive",
                        1_207,
                        1_193,
                        Optional.of(1.5),
                        Optional.of(new WayStatus.RoundTrip(
                                Duration.ofNanos(8_412_345),
                                Duration.ofNanos(8_100_000),
                                Duration.ofNanos(21_700_000))),
                        Optional.of(Duration.ofNanos(146_000)),
                        Optional.of(Duration.ofNanos(92_000)),
                        true,
                        false,
                        OptionalInt.of(1464),
                        true,
                        new WayStatus.Messages(2_411, 301_234),
                        new WayStatus.Messages(2_398, 243_001)),
                List.of(new PeerStatus.Refused(
                        true,
                        "inner_source",
                        "source 192.168.20.7 is outside our networks, as it knows them",
                        Duration.ofSeconds(17))),
                List.of(new PeerStatus.EnforcedList("Big Bucks CA", 7)),
                OptionalLong.of(320_000_000L));
    }

    public static PeerStatus osaka() {
        return new PeerStatus(
                "osaka",
                false,
                "its certificate expired on 2026-03-01",
                Optional.empty(),
                Optional.empty(),
                List.of("aes-256-gcm"),
                "aes-256-gcm",
                false,
                "60 s",
                1388,
                List.of(),
                Optional.of(new Certificate(
                        Instant.parse("2025-03-01T00:00:00Z"),
                        Instant.parse("2026-03-01T00:00:00Z"),
                        List.of("expired on 2026-03-01"))),
                "file",
                new Traffic(0, 0, 0),
                new Traffic(0, 0, 0),
                drops("replay", 0L, "tx_no_keys", 51L),
                Optional.empty(),
                new KeyStatus(
                        KeyStatus.NONE,
                        Optional.empty(),
                        false,
                        true,
                        "required",
                        Optional.of("off"),
                        "it says forward-secrecy = \"off\", and here it is \"required\": no packet passes"),
                new WayStatus(
                        true,
                        "unheard",
                        0,
                        0,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        false,
                        OptionalInt.empty(),
                        false,
                        new WayStatus.Messages(0, 0),
                        new WayStatus.Messages(0, 0)),
                List.of(),
                List.of(),
                OptionalLong.empty());
    }

    /** Birlinghoven under another name. */
    public static PeerStatus named(String name) {
        PeerStatus like = birlinghoven();
        return new PeerStatus(
                name,
                like.up(),
                name,
                like.endpoint(),
                like.lastReceived(),
                like.suites(),
                like.sendingSuite(),
                like.clear(),
                like.trafficKey(),
                like.mtuBytes(),
                like.networks(),
                like.certificate(),
                like.certificateSource(),
                like.sent(),
                like.received(),
                like.drops(),
                like.clockSkew(),
                like.keys(),
                like.way(),
                like.refusals(),
                like.lists(),
                like.savedBytes());
    }

    /** Tokyo with this peer only. */
    public static GatewayStatus with(PeerStatus peer) {
        return tokyo().only(peer);
    }

    private static Certificate certificate(String from, String until) {
        return new Certificate(Instant.parse(from), Instant.parse(until), List.of());
    }

    private static Map<String, Long> drops(Object... reasonsAndCounts) {
        Map<String, Long> drops = new LinkedHashMap<>();
        for (int i = 0; i < reasonsAndCounts.length; i += 2) {
            drops.put((String) reasonsAndCounts[i], (Long) reasonsAndCounts[i + 1]);
        }
        return drops;
    }
}
