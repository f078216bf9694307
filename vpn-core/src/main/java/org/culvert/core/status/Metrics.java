package org.culvert.core.status;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;
import org.culvert.core.log.OneLine;
import org.culvert.core.status.GatewayStatus.Certificate;

/**
 * The snapshot in Prometheus' text format, version 0.0.4. Counters only grow while the daemon runs; names and labels are documented in
 * vpn-core/doc/control.md and never change their meaning.
 */
public final class Metrics {
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    /** Upper ends of the buckets of a packet's cost. */
    private static final long[] COST_NS = {
        250, 500, 1_000, 1_500, 2_000, 3_000, 5_000, 10_000, 20_000, 50_000, 100_000, 1_000_000, 10_000_000
    };

    private final StringBuilder text = new StringBuilder();

    private Metrics() {}

    /** What a packet cost the threads of one direction, in ns. */
    public record Cost(String direction, Histogram histogram) {}

    public static String of(GatewayStatus status, List<Cost> costs) {
        Metrics metrics = new Metrics();
        metrics.gateway(status);
        metrics.certificates(status);
        metrics.peers(status.peers());
        metrics.ways(status.peers());
        metrics.traffic(status.peers());
        metrics.drops(status);
        metrics.groups(status.groups());
        metrics.costs(costs);
        return metrics.text.toString();
    }

    private void gateway(GatewayStatus status) {
        head("culvert_info", "gauge", "Always 1; says who this is.");
        line(
                "culvert_info",
                labels(
                        "name", status.gateway().name(),
                        "version", status.gateway().version(),
                        "instance_id", status.gateway().instance(),
                        "cipher_backend", status.cipher().backend()),
                1);
        head("culvert_uptime_seconds", "gauge", "Since the daemon's start, monotonic.");
        line("culvert_uptime_seconds", "", seconds(status.gateway().uptime()));
        head("culvert_forwarding", "gauge", "1 when the kernel passes packets between LAN and tunnel.");
        line("culvert_forwarding", labels("family", "ipv4"), status.gateway().forwardsIpv4() ? 1 : 0);
        line("culvert_forwarding", labels("family", "ipv6"), status.gateway().forwardsIpv6() ? 1 : 0);
        queues(status.tun().queues());
    }

    private void queues(List<GatewayStatus.Queue> queues) {
        head("culvert_queue_packets_total", "counter", "Inner packets by queue of the TUN, all peers together.");
        for (int queue = 0; queue < queues.size(); queue++) {
            String number = Integer.toString(queue);
            GatewayStatus.Queue of = queues.get(queue);
            line("culvert_queue_packets_total", labels("queue", number, "direction", "sent"), of.sentPackets());
            line("culvert_queue_packets_total", labels("queue", number, "direction", "received"), of.receivedPackets());
        }
    }

    private void certificates(GatewayStatus status) {
        head("culvert_certificate_expiry_timestamp_seconds", "gauge", "When a certificate ends, seconds since 1970.");
        expiry(status.gateway().name(), "gateway", Optional.of(status.certificate()));
        status.peers().forEach(peer -> expiry(peer.name(), "peer", peer.certificate()));
        head("culvert_certificate_accepted", "gauge", "1 when a certificate is good at this moment.");
        accepted(status.gateway().name(), "gateway", Optional.of(status.certificate()));
        status.peers().forEach(peer -> accepted(peer.name(), "peer", peer.certificate()));
    }

    private void expiry(String holder, String role, Optional<Certificate> certificate) {
        certificate.ifPresent(known -> line(
                "culvert_certificate_expiry_timestamp_seconds",
                labels("holder", holder, "role", role),
                known.notAfter().getEpochSecond()));
    }

    private void accepted(String holder, String role, Optional<Certificate> certificate) {
        boolean good = certificate.filter(known -> known.problems().isEmpty()).isPresent();
        line("culvert_certificate_accepted", labels("holder", holder, "role", role), good ? 1 : 0);
    }

    private void peers(List<PeerStatus> peers) {
        head("culvert_peer_up", "gauge", "1 when certificates and keys are good on this side.");
        peers.forEach(peer -> line("culvert_peer_up", peer(peer), peer.up() ? 1 : 0));
        head("culvert_peer_last_received_seconds", "gauge", "Age of the newest packet that was accepted.");
        peers.forEach(peer -> peer.lastReceived()
                .ifPresent(age -> line("culvert_peer_last_received_seconds", peer(peer), seconds(age))));
        head(
                "culvert_peer_clock_skew_seconds",
                "gauge",
                "How far the peer's clock is ahead, the way's delay included.");
        peers.forEach(peer ->
                peer.clockSkew().ifPresent(skew -> line("culvert_peer_clock_skew_seconds", peer(peer), seconds(skew))));
        head(
                "culvert_peer_keys",
                "gauge",
                "1 for what protects the peer's packets now: epoch keys, static keys alone, or none yet.");
        for (String kind : List.of(KeyStatus.EPOCH, KeyStatus.STATIC, KeyStatus.NONE)) {
            peers.forEach(peer -> line(
                    "culvert_peer_keys",
                    labels("peer", peer.name(), "kind", kind),
                    peer.keys().keys().equals(kind) ? 1 : 0));
        }
        head("culvert_peer_keys_since_seconds", "gauge", "For how long that has been so.");
        peers.forEach(peer -> peer.keys()
                .since()
                .ifPresent(since -> line("culvert_peer_keys_since_seconds", peer(peer), seconds(since))));
        head("culvert_peer_mtu_bytes", "gauge", "Largest inner packet.");
        peers.forEach(peer -> line("culvert_peer_mtu_bytes", peer(peer), peer.mtuBytes()));
    }

    private void ways(List<PeerStatus> peers) {
        head(
                "culvert_peer_rtt_seconds",
                "gauge",
                "Round-trip time: the last one, and median and 99 % since the start.");
        for (PeerStatus peer : peers) {
            peer.way().roundTrip().ifPresent(trip -> {
                rtt(peer, "last", trip.last());
                rtt(peer, "median", trip.median());
                rtt(peer, "p99", trip.percentile99());
            });
        }
        head("culvert_peer_echoes_total", "counter", "Echoes asked, and answered.");
        for (PeerStatus peer : peers) {
            line(
                    "culvert_peer_echoes_total",
                    labels("peer", peer.name(), "state", "asked"),
                    peer.way().asked());
            line(
                    "culvert_peer_echoes_total",
                    labels("peer", peer.name(), "state", "answered"),
                    peer.way().answered());
        }
        head("culvert_peer_path_bytes", "gauge", "Longest datagram that passes, UDP payload.");
        peers.forEach(
                peer -> peer.way().pathBytes().ifPresent(bytes -> line("culvert_peer_path_bytes", peer(peer), bytes)));
    }

    private void rtt(PeerStatus peer, String which, Duration time) {
        line("culvert_peer_rtt_seconds", labels("peer", peer.name(), "which", which), decimal(time.toNanos() / 1e9));
    }

    private void traffic(List<PeerStatus> peers) {
        head("culvert_peer_packets_total", "counter", "Inner packets.");
        peers.forEach(peer -> both(
                "culvert_peer_packets_total",
                peer,
                peer.sent().packets(),
                peer.received().packets()));
        head("culvert_peer_inner_bytes_total", "counter", "Bytes of inner packets.");
        peers.forEach(peer -> both(
                "culvert_peer_inner_bytes_total",
                peer,
                peer.sent().innerBytes(),
                peer.received().innerBytes()));
        head("culvert_peer_compression_saved_bytes_total", "counter", "Bytes of sent packets that did not travel.");
        peers.forEach(peer -> peer.savedBytes()
                .ifPresent(saved -> line("culvert_peer_compression_saved_bytes_total", peer(peer), saved)));
        head("culvert_peer_outer_bytes_total", "counter", "UDP payload of the datagrams they came in.");
        peers.forEach(peer -> both(
                "culvert_peer_outer_bytes_total",
                peer,
                peer.sent().outerBytes(),
                peer.received().outerBytes()));
    }

    private void both(String name, PeerStatus peer, long sent, long received) {
        line(name, labels("peer", peer.name(), "direction", "sent"), sent);
        line(name, labels("peer", peer.name(), "direction", "received"), received);
    }

    private void drops(GatewayStatus status) {
        head("culvert_peer_dropped_packets_total", "counter", "Packets of a peer dropped, by reason.");
        for (PeerStatus peer : status.peers()) {
            for (Map.Entry<String, Long> drop : peer.drops().entrySet()) {
                line(
                        "culvert_peer_dropped_packets_total",
                        labels("peer", peer.name(), "reason", drop.getKey()),
                        drop.getValue());
            }
        }
        head("culvert_dropped_packets_total", "counter", "Packets dropped that belong to no peer, by reason.");
        status.drops()
                .forEach((reason, count) -> line("culvert_dropped_packets_total", labels("reason", reason), count));
    }

    private void groups(List<GroupStatus> groups) {
        head("culvert_group_packets_total", "counter", "Packets to a multicast group, from the LAN and to it.");
        for (GroupStatus group : groups) {
            line(
                    "culvert_group_packets_total",
                    labels("group", group.address(), "direction", "sent"),
                    group.sent().packets());
            line(
                    "culvert_group_packets_total",
                    labels("group", group.address(), "direction", "received"),
                    group.received().packets());
        }
        head("culvert_group_dropped_packets_total", "counter", "Packets to a multicast group dropped, by reason.");
        for (GroupStatus group : groups) {
            group.drops()
                    .forEach((reason, count) -> line(
                            "culvert_group_dropped_packets_total",
                            labels("group", group.address(), "reason", reason),
                            count));
        }
    }

    private void costs(List<Cost> costs) {
        head(
                "culvert_packet_cost_seconds",
                "histogram",
                "Time of its thread per packet, system calls included, by batch.");
        for (Cost cost : costs) {
            Histogram histogram = cost.histogram();
            long[] counts = byBucket(histogram);
            long below = 0;
            for (int i = 0; i < COST_NS.length; i++) {
                below += counts[i];
                bucket(cost, decimal(COST_NS[i] / 1e9), below);
            }
            bucket(cost, "+Inf", histogram.getTotalCount());
            String direction = labels("direction", cost.direction());
            line("culvert_packet_cost_seconds_sum", direction, decimal(sumNs(histogram) / 1e9));
            line("culvert_packet_cost_seconds_count", direction, histogram.getTotalCount());
        }
    }

    private void bucket(Cost cost, String end, long count) {
        line("culvert_packet_cost_seconds_bucket", labels("direction", cost.direction(), "le", end), count);
    }

    /** Each recorded value in the one bucket it belongs to; asked for ranges, the histogram counts those at an end twice. */
    private static long[] byBucket(Histogram histogram) {
        long[] counts = new long[COST_NS.length + 1];
        for (HistogramIterationValue value : histogram.recordedValues()) {
            int bucket = 0;
            while (bucket < COST_NS.length && value.getValueIteratedTo() > COST_NS[bucket]) {
                bucket++;
            }
            counts[bucket] += value.getCountAtValueIteratedTo();
        }
        return counts;
    }

    private static double sumNs(Histogram histogram) {
        double sum = 0;
        for (HistogramIterationValue value : histogram.recordedValues()) {
            sum += (double) value.getValueIteratedTo() * value.getCountAtValueIteratedTo();
        }
        return sum;
    }

    // The format

    private void head(String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private void line(String name, String labels, long value) {
        line(name, labels, Long.toString(value));
    }

    private void line(String name, String labels, String value) {
        text.append(name).append(labels).append(' ').append(value).append('\n');
    }

    private static String peer(PeerStatus peer) {
        return labels("peer", peer.name());
    }

    private static String labels(String... namesAndValues) {
        StringBuilder labels = new StringBuilder("{");
        for (int i = 0; i < namesAndValues.length; i += 2) {
            labels.append(i == 0 ? "" : ",")
                    .append(namesAndValues[i])
                    .append("=\"")
                    .append(escaped(namesAndValues[i + 1]))
                    .append('"');
        }
        return labels.append('}').toString();
    }

    /** A name can come from a certificate: neither a new line nor a control may get out of its quotes. */
    private static String escaped(String value) {
        return OneLine.of(value).replace("\\", "\\\\").replace("\"", "\\\"");
    }

    private static String seconds(Duration duration) {
        return decimal(duration.toMillis() / 1_000.0);
    }

    private static String decimal(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? String.format(Locale.ROOT, "%.0f", value)
                : Double.toString(value);
    }
}
