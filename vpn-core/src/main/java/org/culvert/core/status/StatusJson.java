package org.culvert.core.status;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.culvert.core.log.AsciiJson;
import org.culvert.core.policy.PolicyCounts;
import org.culvert.core.status.GatewayStatus.Certificate;
import org.culvert.core.status.PeerStatus.Traffic;

/**
 * The snapshot as JSON, schema {@link GatewayStatus#SCHEMA}. Field by field and in this order, so that a change of the schema
 * is a change of this file. Times are RFC 3339 in UTC, durations are seconds, what is not known is null.
 */
public final class StatusJson {
    private StatusJson() {}

    /** One line with its newline. */
    public static String of(GatewayStatus status) {
        return AsciiJson.of(json -> write(json, status)) + '\n';
    }

    private static void write(JsonGenerator json, GatewayStatus status) throws IOException {
        json.writeStartObject();
        json.writeStringField("schema", GatewayStatus.SCHEMA);
        json.writeStringField("at", status.at().toString());
        gateway(json, status.gateway());
        json.writeObjectFieldStart("udp");
        json.writeStringField("listen", status.udp().listen());
        strings(json, "offloads", status.udp().offloads());
        json.writeEndObject();
        tun(json, status.tun());
        json.writeObjectFieldStart("cipher");
        json.writeStringField("backend", status.cipher().backend());
        json.writeStringField("reason", status.cipher().reason());
        json.writeEndObject();
        certificate(json, Optional.of(status.certificate()));
        strings(json, "problems", status.problems());
        drops(json, status.drops());
        discovery(json, status.discovery());
        json.writeArrayFieldStart("peers");
        for (PeerStatus peer : status.peers()) {
            peer(json, peer);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("groups");
        for (GroupStatus group : status.groups()) {
            group(json, group);
        }
        json.writeEndArray();
        policy(json, status.policy());
        json.writeEndObject();
    }

    private static void discovery(JsonGenerator json, GatewayStatus.Discovery discovery) throws IOException {
        json.writeObjectFieldStart("discovery");
        json.writeBooleanField("answers", discovery.answers());
        json.writeNumberField("answered", discovery.answered());
        json.writeNumberField("challenged", discovery.challenged());
        json.writeNumberField("asked", discovery.asked());
        json.writeNumberField("fetched", discovery.fetched());
        json.writeEndObject();
    }

    private static void group(JsonGenerator json, GroupStatus group) throws IOException {
        json.writeStartObject();
        json.writeStringField("address", group.address());
        strings(json, "members", group.members());
        strings(json, "interfaces", group.interfaces());
        json.writeNumberField("packets_per_second", group.packetsPerSecond());
        json.writeObjectFieldStart("sent");
        json.writeNumberField("packets", group.sent().packets());
        json.writeNumberField("bytes", group.sent().bytes());
        json.writeEndObject();
        json.writeObjectFieldStart("received");
        json.writeNumberField("packets", group.received().packets());
        json.writeNumberField("bytes", group.received().bytes());
        json.writeEndObject();
        drops(json, group.drops());
        json.writeEndObject();
    }

    private static void policy(JsonGenerator json, Optional<PolicyCounts> policy) throws IOException {
        if (policy.isEmpty()) {
            json.writeNullField("policy");
            return;
        }
        json.writeObjectFieldStart("policy");
        json.writeArrayFieldStart("rules");
        for (PolicyCounts.OfRule rule : policy.get().rules()) {
            json.writeStartObject();
            json.writeStringField("name", rule.name());
            json.writeNumberField("packets", rule.packets());
            json.writeNumberField("answers", rule.answers());
            json.writeNumberField("flows", rule.flows());
            json.writeEndObject();
        }
        json.writeEndArray();
        strings(json, "open_peers", policy.get().open());
        json.writeNumberField("flows", policy.get().flows());
        json.writeNumberField("flow_slots", policy.get().flowSlots());
        json.writeNumberField("evicted", policy.get().evicted());
        json.writeEndObject();
    }

    private static void gateway(JsonGenerator json, GatewayStatus.Gateway gateway) throws IOException {
        json.writeObjectFieldStart("gateway");
        json.writeStringField("name", gateway.name());
        json.writeStringField("version", gateway.version());
        json.writeStringField("instance", gateway.instance());
        seconds(json, "uptime_seconds", Optional.of(gateway.uptime()));
        strings(json, "networks", gateway.networks());
        json.writeBooleanField("transit", gateway.transit());
        json.writeBooleanField("forwards_ipv4", gateway.forwardsIpv4());
        json.writeBooleanField("forwards_ipv6", gateway.forwardsIpv6());
        json.writeEndObject();
    }

    private static void tun(JsonGenerator json, GatewayStatus.Tun tun) throws IOException {
        json.writeObjectFieldStart("tun");
        json.writeStringField("name", tun.name());
        json.writeNumberField("mtu_bytes", tun.mtuBytes());
        json.writeBooleanField("persistent", tun.persistent());
        strings(json, "offloads", tun.offloads());
        json.writeArrayFieldStart("queues");
        for (GatewayStatus.Queue queue : tun.queues()) {
            json.writeStartObject();
            json.writeNumberField("sent_packets", queue.sentPackets());
            json.writeNumberField("received_packets", queue.receivedPackets());
            json.writeNumberField("strayed_packets", queue.strayedPackets());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void peer(JsonGenerator json, PeerStatus peer) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", peer.name());
        json.writeStringField("state", peer.up() ? "up" : "down");
        text(json, "reason", Optional.of(peer.reason()).filter(reason -> !reason.isEmpty()));
        text(json, "endpoint", peer.endpoint());
        seconds(json, "last_received_seconds", peer.lastReceived());
        strings(json, "suites", peer.suites());
        json.writeStringField("sending_suite", peer.sendingSuite());
        json.writeBooleanField("clear", peer.clear());
        json.writeStringField("traffic_key", peer.trafficKey());
        json.writeNumberField("mtu_bytes", peer.mtuBytes());
        strings(json, "networks", peer.networks());
        certificate(json, peer.certificate());
        json.writeStringField("certificate_source", peer.certificateSource());
        traffic(json, "sent", peer.sent());
        traffic(json, "received", peer.received());
        drops(json, peer.drops());
        seconds(json, "clock_skew_seconds", peer.clockSkew());
        keys(json, peer.keys());
        way(json, peer.way());
        refusals(json, peer.refusals());
        json.writeArrayFieldStart("revocation_lists");
        for (PeerStatus.EnforcedList list : peer.lists()) {
            json.writeStartObject();
            json.writeStringField("issuer", list.issuer());
            json.writeNumberField("number", list.number());
            json.writeEndObject();
        }
        json.writeEndArray();
        if (peer.savedBytes().isPresent()) {
            json.writeObjectFieldStart("compression");
            json.writeStringField("algorithm", "zstd");
            json.writeNumberField("saved_bytes", peer.savedBytes().getAsLong());
            json.writeEndObject();
        } else {
            json.writeNullField("compression");
        }
        json.writeEndObject();
    }

    private static void refusals(JsonGenerator json, List<PeerStatus.Refused> refusals) throws IOException {
        json.writeArrayFieldStart("refusals");
        for (PeerStatus.Refused refused : refusals) {
            json.writeStartObject();
            json.writeStringField("by", refused.byPeer() ? "peer" : "us");
            json.writeStringField("code", refused.code());
            json.writeStringField("text", refused.text());
            seconds(json, "age_seconds", Optional.of(refused.age()));
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void keys(JsonGenerator json, KeyStatus keys) throws IOException {
        json.writeObjectFieldStart("keys");
        json.writeStringField("kind", keys.keys());
        seconds(json, "since_seconds", keys.since());
        json.writeBooleanField("post_quantum", keys.postQuantum());
        json.writeBooleanField("pre_shared", keys.preShared());
        json.writeStringField("forward_secrecy", keys.mode());
        text(json, "peer_forward_secrecy", keys.peerMode());
        text(json, "remark", Optional.of(keys.remark()).filter(remark -> !remark.isEmpty()));
        json.writeEndObject();
    }

    private static void way(JsonGenerator json, WayStatus way) throws IOException {
        json.writeObjectFieldStart("way");
        json.writeBooleanField("measured", way.measured());
        json.writeStringField("state", way.state());
        json.writeNumberField("echoes_asked", way.asked());
        json.writeNumberField("echoes_answered", way.answered());
        if (way.lossPercent().isPresent()) {
            json.writeNumberField("loss_percent", way.lossPercent().get());
        } else {
            json.writeNullField("loss_percent");
        }
        micros(json, "rtt_last_us", way.roundTrip().map(WayStatus.RoundTrip::last));
        micros(json, "rtt_median_us", way.roundTrip().map(WayStatus.RoundTrip::median));
        micros(json, "rtt_p99_us", way.roundTrip().map(WayStatus.RoundTrip::percentile99));
        micros(json, "delay_variation_there_us", way.variationThere());
        micros(json, "delay_variation_here_us", way.variationHere());
        json.writeBooleanField("behind_nat", way.behindNat());
        json.writeBooleanField("peer_behind_nat", way.peerBehindNat());
        if (way.pathBytes().isPresent()) {
            json.writeNumberField("path_bytes", way.pathBytes().getAsInt());
        } else {
            json.writeNullField("path_bytes");
        }
        json.writeBooleanField("path_found", way.pathFound());
        messages(json, "control_sent", way.sent());
        messages(json, "control_received", way.received());
        json.writeEndObject();
    }

    private static void messages(JsonGenerator json, String name, WayStatus.Messages messages) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeNumberField("messages", messages.count());
        json.writeNumberField("outer_bytes", messages.outerBytes());
        json.writeEndObject();
    }

    private static void micros(JsonGenerator json, String name, Optional<Duration> value) throws IOException {
        if (value.isPresent()) {
            json.writeNumberField(name, value.get().toNanos() / 1_000);
        } else {
            json.writeNullField(name);
        }
    }

    private static void certificate(JsonGenerator json, Optional<Certificate> certificate) throws IOException {
        if (certificate.isEmpty()) {
            json.writeNullField("certificate");
            return;
        }
        json.writeObjectFieldStart("certificate");
        json.writeStringField("not_before", certificate.get().notBefore().toString());
        json.writeStringField("not_after", certificate.get().notAfter().toString());
        strings(json, "problems", certificate.get().problems());
        json.writeEndObject();
    }

    private static void traffic(JsonGenerator json, String name, Traffic traffic) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeNumberField("packets", traffic.packets());
        json.writeNumberField("inner_bytes", traffic.innerBytes());
        json.writeNumberField("outer_bytes", traffic.outerBytes());
        json.writeEndObject();
    }

    private static void drops(JsonGenerator json, Map<String, Long> drops) throws IOException {
        json.writeObjectFieldStart("drops");
        for (Map.Entry<String, Long> drop : drops.entrySet()) {
            json.writeNumberField(drop.getKey(), drop.getValue());
        }
        json.writeEndObject();
    }

    private static void strings(JsonGenerator json, String name, List<String> values) throws IOException {
        json.writeArrayFieldStart(name);
        for (String value : values) {
            json.writeString(value);
        }
        json.writeEndArray();
    }

    private static void text(JsonGenerator json, String name, Optional<String> value) throws IOException {
        if (value.isPresent()) {
            json.writeStringField(name, value.get());
        } else {
            json.writeNullField(name);
        }
    }

    private static void seconds(JsonGenerator json, String name, Optional<Duration> value) throws IOException {
        if (value.isPresent()) {
            json.writeNumberField(name, value.get().toMillis() / 1_000.0);
        } else {
            json.writeNullField(name);
        }
    }
}
