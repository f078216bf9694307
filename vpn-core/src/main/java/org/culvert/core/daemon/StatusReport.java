package org.culvert.core.daemon;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.culvert.core.config.GatewayConfig;
import org.culvert.core.control.Expiries;
import org.culvert.core.control.ListExchange;
import org.culvert.core.control.Member;
import org.culvert.core.control.PeerBook;
import org.culvert.core.control.Protection;
import org.culvert.core.control.Refusals;
import org.culvert.core.crypto.CipherChoice;
import org.culvert.core.crypto.Suite;
import org.culvert.core.discovery.DiscoveryCounts;
import org.culvert.core.echo.EchoReport;
import org.culvert.core.epoch.Mode;
import org.culvert.core.flow.Published;
import org.culvert.core.peer.ClockSkew;
import org.culvert.core.peer.Counters;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.TrafficKeyPolicy;
import org.culvert.core.status.GatewayStatus;
import org.culvert.core.status.GroupStatus;
import org.culvert.core.status.KeyStatus;
import org.culvert.core.status.PeerStatus;
import org.culvert.core.status.WayStatus;
import org.culvert.core.wire.DropReason;
import org.culvert.core.wire.SkipTime;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.Problem;
import org.culvert.tun.LinuxTun;
import org.jspecify.annotations.Nullable;

/** Gathers what {@code culvert status} shows. Called on the control thread, which owns what it reads. */
final class StatusReport {
    private final Supplier<Site> site;
    private final Parts parts;
    private final PeerBook book;
    private final long startedNs = System.nanoTime();

    /** What the routes to a peer carry, and the device itself for null. */
    interface MtuLookup {
        int bytes(@Nullable Peer peer) throws IOException;
    }

    /** The parts of a running daemon. */
    record Parts(
            PeerBook book,
            Published published,
            UdpPort port,
            LinuxTun tun,
            CipherChoice ciphers,
            Counters unattributed,
            MtuLookup mtus,
            Function<Member, EchoReport> echoes,
            Function<Member, List<Refusals.Report>> refusals,
            Function<Member, List<ListExchange.Enforced>> lists,
            Discoverer discoverer,
            DiscoveryCounts discovery,
            Supplier<List<GroupStatus>> groups) {}

    /** @param site what the gateway is when somebody asks */
    StatusReport(Supplier<Site> site, Parts parts) {
        this.site = site;
        this.parts = parts;
        this.book = parts.book();
    }

    /** A configured peer by its name. */
    Optional<Peer> peer(String name) {
        return book.members().stream()
                .map(Member::peer)
                .filter(peer -> peer.name().equals(name))
                .findFirst();
    }

    GatewayStatus now() throws IOException {
        GatewayConfig config = site.get().config();
        List<PeerStatus> peers = new ArrayList<>();
        for (Member member : book.members()) {
            peers.add(peer(member));
        }
        List<String> udpOffloads = new ArrayList<>();
        add(udpOffloads, parts.port().segmentation(), "gso");
        List<String> tunOffloads = new ArrayList<>();
        add(tunOffloads, parts.tun().vnetHeader(), "tso");
        add(tunOffloads, parts.tun().udpSegments(), "uso");
        return new GatewayStatus(
                Instant.now(),
                gateway(config, book.ownCertificate()),
                new GatewayStatus.Udp(config.listenText(), udpOffloads),
                new GatewayStatus.Tun(
                        parts.tun().name(),
                        parts.mtus().bytes(null),
                        config.tun().persistent(),
                        tunOffloads,
                        queues(config)),
                new GatewayStatus.Cipher(
                        parts.ciphers().backend(Suite.AES_128_GCM).name(),
                        parts.ciphers().reason()),
                certificate(book.ownCertificate(), book.ownProblems()),
                Expiries.ofOthers(site.get().plan(), Instant.now()),
                drops(parts.unattributed()),
                new GatewayStatus.Discovery(
                        config.discovery(),
                        parts.discovery().answered(),
                        parts.discovery().challenged(),
                        parts.discovery().asked(),
                        parts.discovery().fetched()),
                peers,
                parts.groups().get(),
                Optional.ofNullable(book.policy()).map(policy -> policy.counts(System.nanoTime())));
    }

    private List<GatewayStatus.Queue> queues(GatewayConfig config) {
        List<GatewayStatus.Queue> queues = new ArrayList<>();
        for (int lane = 0; lane < config.tun().queues(); lane++) {
            long sent = 0;
            long received = 0;
            long strayed = 0;
            for (Member member : book.members()) {
                Counters counters = member.peer().counters();
                sent += counters.sentPackets(lane);
                received += counters.receivedPackets(lane);
                strayed += counters.strayedPackets(lane);
            }
            queues.add(new GatewayStatus.Queue(sent, received, strayed));
        }
        return queues;
    }

    private GatewayStatus.Gateway gateway(GatewayConfig config, HostCertificate own) {
        String version = StatusReport.class.getPackage().getImplementationVersion();
        return new GatewayStatus.Gateway(
                own.name(),
                version == null ? "unpacked" : version,
                String.format("%04x", parts.published().current().instance()),
                Duration.ofNanos(System.nanoTime() - startedNs),
                own.networks().stream().map(Prefix::toString).toList(),
                config.transit(),
                KernelSettings.forwardsIpv4(),
                KernelSettings.forwardsIpv6());
    }

    private PeerStatus peer(Member member) throws IOException {
        Peer peer = member.peer();
        Counters counters = peer.counters();
        boolean up = book.ownProblems().isEmpty() && member.problems().isEmpty();
        long lastNs = peer.lastReceivedNs();
        long skew = peer.skew().newestTicks();
        return new PeerStatus(
                peer.name(),
                up,
                reason(member, up, lastNs != 0),
                Optional.ofNullable(peer.endpoint()).map(Object::toString),
                lastNs == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(Math.max(0, System.nanoTime() - lastNs))),
                peer.suites().stream().map(Suite::label).toList(),
                peer.sendingSuite().label(),
                !peer.sendingSuite().encrypts(),
                policy(peer.trafficKey()),
                parts.mtus().bytes(peer),
                member.networks().stream().map(Prefix::toString).toList(),
                Optional.ofNullable(member.certificate()).map(each -> certificate(each, member.problems())),
                parts.discoverer().source(member),
                new PeerStatus.Traffic(counters.sentPackets(), counters.sentInnerBytes(), counters.sentOuterBytes()),
                new PeerStatus.Traffic(
                        counters.receivedPackets(), counters.receivedInnerBytes(), counters.receivedOuterBytes()),
                drops(counters),
                skew == ClockSkew.UNKNOWN
                        ? Optional.empty()
                        : Optional.of(Duration.ofMillis(skew * 1000 / SkipTime.TICKS_PER_SECOND)),
                keys(book.protection(peer, System.nanoTime())),
                way(counters, parts.echoes().apply(member)),
                parts.refusals().apply(member).stream()
                        .map(StatusReport::refused)
                        .toList(),
                parts.lists().apply(member).stream()
                        .map(list -> new PeerStatus.EnforcedList(list.issuer(), list.number()))
                        .toList(),
                peer.compresses() ? OptionalLong.of(counters.savedBytes()) : OptionalLong.empty());
    }

    private static PeerStatus.Refused refused(Refusals.Report report) {
        return new PeerStatus.Refused(
                report.byPeer(), report.refusal().name().toLowerCase(Locale.ROOT), report.text(), report.age());
    }

    private static KeyStatus keys(Protection protection) {
        return new KeyStatus(
                protection.kind().name().toLowerCase(Locale.ROOT),
                Optional.of(Duration.ofNanos(protection.sinceNs())),
                protection.withKem(),
                protection.withPsk(),
                protection.mode().label(),
                protection.peerMode().map(Mode::label),
                protection.remark());
    }

    private static WayStatus way(Counters counters, EchoReport echo) {
        EchoReport.RoundTrips trips = echo.roundTrips();
        boolean answered = trips.answered() != 0;
        return new WayStatus(
                echo.measured(),
                echo.state().name().toLowerCase(Locale.ROOT),
                trips.asked(),
                trips.answered(),
                trips.lossPercent() < 0 ? Optional.empty() : Optional.of(trips.lossPercent()),
                answered
                        ? Optional.of(new WayStatus.RoundTrip(
                                Duration.ofNanos(trips.lastNs()),
                                Duration.ofNanos(trips.medianNs()),
                                Duration.ofNanos(trips.percentile99Ns())))
                        : Optional.empty(),
                answered ? Optional.of(micros(echo.variationThereUs())) : Optional.empty(),
                answered ? Optional.of(micros(echo.variationHereUs())) : Optional.empty(),
                echo.behindNat(),
                echo.peerBehindNat(),
                echo.pathBytes() == 0 ? OptionalInt.empty() : OptionalInt.of(echo.pathBytes()),
                echo.pathFound(),
                new WayStatus.Messages(counters.controlSentMessages(), counters.controlSentBytes()),
                new WayStatus.Messages(counters.controlReceivedMessages(), counters.controlReceivedBytes()));
    }

    private static Duration micros(long us) {
        return Duration.ofNanos(us * 1_000);
    }

    private String reason(Member member, boolean up, boolean heard) {
        String waits = parts.discoverer().waitsFor(member);
        if (!waits.isEmpty()) {
            return waits;
        }
        if (!up) {
            List<Problem> problems = member.problems().isEmpty() ? book.ownProblems() : member.problems();
            return String.join("; ", problems.stream().map(Problem::message).toList());
        }
        EchoReport echo = parts.echoes().apply(member);
        String way = switch (echo.state()) {
            case UNHEARD -> heard ? "" : "nothing received yet";
            case SILENT -> "not heard for " + seconds(member.peer()) + " s, still sending";
            case ALIVE, MUTE -> "";
        };
        return Stream.concat(Stream.of(way), changeOfKeys(member).stream())
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining("; "));
    }

    private List<String> changeOfKeys(Member member) {
        List<String> lines = new ArrayList<>();
        member.changeOfKeys().ifPresent(lines::add);
        Stream.concat(book.ownCertificates().stream(), member.certificates().stream())
                .filter(each -> !each.good())
                .forEach(each -> lines.add(each.certificate().file().getFileName() + " is not used: "
                        + String.join(
                                ", ",
                                each.problems().stream().map(Problem::message).toList())));
        return lines;
    }

    private static long seconds(Peer peer) {
        return (System.nanoTime() - peer.lastReceivedNs()) / 1_000_000_000L;
    }

    private static GatewayStatus.Certificate certificate(HostCertificate certificate, List<Problem> problems) {
        return new GatewayStatus.Certificate(
                certificate.notBefore(),
                certificate.notAfter(),
                problems.stream().map(Problem::message).toList());
    }

    static Map<String, Long> drops(Counters counters) {
        Map<String, Long> drops = new LinkedHashMap<>();
        for (DropReason reason : DropReason.values()) {
            drops.put(reason.label(), counters.dropped(reason));
        }
        return drops;
    }

    private static String policy(TrafficKeyPolicy policy) {
        return policy.everyPacket()
                ? "packet"
                : policy.packets() + " packets, " + policy.bytes() / 1_000_000 + " MB, "
                        + policy.lifetimeNs() / 1_000_000_000 + " s at most";
    }

    private static void add(List<String> names, boolean present, String name) {
        if (present) {
            names.add(name);
        }
    }
}
