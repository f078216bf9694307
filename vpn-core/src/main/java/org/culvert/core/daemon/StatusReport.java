package org.culvert.core.daemon;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.culvert.core.config.GatewayConfig;
import org.culvert.core.control.Member;
import org.culvert.core.control.OwnIdentity;
import org.culvert.core.control.PeerBook;
import org.culvert.core.crypto.CipherChoice;
import org.culvert.core.crypto.Suite;
import org.culvert.core.flow.Published;
import org.culvert.core.peer.ClockSkew;
import org.culvert.core.peer.Counters;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.TrafficKeyPolicy;
import org.culvert.core.status.GatewayStatus;
import org.culvert.core.status.PeerStatus;
import org.culvert.core.wire.DropReason;
import org.culvert.core.wire.SkipTime;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.Problem;
import org.culvert.tun.LinuxTun;
import org.culvert.tun.UdpLink;
import org.jspecify.annotations.Nullable;

/** Gathers what {@code culvert status} shows. Called on the control thread, which owns what it reads. */
final class StatusReport {
    private final Supplier<Site> site;
    private final PeerBook book;
    private final Published published;
    private final UdpLink link;
    private final LinuxTun tun;
    private final CipherChoice ciphers;
    private final Counters unattributed;
    private final MtuLookup mtus;
    private final long startedNs = System.nanoTime();

    /** What the routes to a peer carry, and the device itself for null. */
    interface MtuLookup {
        int bytes(@Nullable Peer peer) throws IOException;
    }

    /** The parts of a running daemon. */
    record Parts(
            PeerBook book,
            Published published,
            UdpLink link,
            LinuxTun tun,
            CipherChoice ciphers,
            Counters unattributed,
            MtuLookup mtus) {}

    /** @param site what the gateway is when somebody asks */
    StatusReport(Supplier<Site> site, Parts parts) {
        this.site = site;
        this.book = parts.book();
        this.published = parts.published();
        this.link = parts.link();
        this.tun = parts.tun();
        this.ciphers = parts.ciphers();
        this.unattributed = parts.unattributed();
        this.mtus = parts.mtus();
    }

    GatewayStatus now() throws IOException {
        GatewayConfig config = site.get().config();
        OwnIdentity own = site.get().credentials().own();
        List<PeerStatus> peers = new ArrayList<>();
        for (Member member : book.members()) {
            peers.add(peer(member));
        }
        List<String> udpOffloads = new ArrayList<>();
        add(udpOffloads, link.segmentation(), "gso");
        List<String> tunOffloads = new ArrayList<>();
        add(tunOffloads, tun.vnetHeader(), "tso");
        add(tunOffloads, tun.udpSegments(), "uso");
        return new GatewayStatus(
                Instant.now(),
                gateway(config, own),
                new GatewayStatus.Udp(config.listenText(), udpOffloads),
                new GatewayStatus.Tun(tun.name(), mtus.bytes(null), config.tun().persistent(), tunOffloads),
                new GatewayStatus.Cipher(ciphers.backend(Suite.AES_128_GCM).name(), ciphers.reason()),
                certificate(own.certificate(), book.ownProblems()),
                List.of(),
                drops(unattributed),
                peers);
    }

    private GatewayStatus.Gateway gateway(GatewayConfig config, OwnIdentity own) {
        String version = StatusReport.class.getPackage().getImplementationVersion();
        return new GatewayStatus.Gateway(
                own.name(),
                version == null ? "unpacked" : version,
                String.format("%04x", published.current().instance()),
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
                mtus.bytes(peer),
                member.networks().stream().map(Prefix::toString).toList(),
                Optional.of(certificate(member.certificate(), member.problems())),
                new PeerStatus.Traffic(counters.sentPackets(), counters.sentInnerBytes(), counters.sentOuterBytes()),
                new PeerStatus.Traffic(
                        counters.receivedPackets(), counters.receivedInnerBytes(), counters.receivedOuterBytes()),
                drops(counters),
                skew == ClockSkew.UNKNOWN
                        ? Optional.empty()
                        : Optional.of(Duration.ofMillis(skew * 1000 / SkipTime.TICKS_PER_SECOND)));
    }

    private String reason(Member member, boolean up, boolean heard) {
        if (!up) {
            List<Problem> problems = member.problems().isEmpty() ? book.ownProblems() : member.problems();
            return String.join("; ", problems.stream().map(Problem::message).toList());
        }
        return heard ? "" : "nothing received yet";
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
