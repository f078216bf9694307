package org.culvert.core.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@code culvert status --json} of a gateway with one peer says. Drops are summed over the peer and what belongs to no
 * peer.
 */
public record Status(
        String endpoint,
        long sentPackets,
        long sentBytes,
        long sentOuterBytes,
        long receivedPackets,
        long receivedBytes,
        long receivedOuterBytes,
        Map<String, Long> drops) {
    public static Status parse(String json) throws IOException {
        JsonNode root = new ObjectMapper().readTree(json);
        JsonNode peer = root.path("peers").path(0);
        Map<String, Long> drops = new TreeMap<>();
        add(drops, root.path("drops"));
        add(drops, peer.path("drops"));
        return new Status(
                peer.path("endpoint").asText(),
                number(peer, "sent", "packets"),
                number(peer, "sent", "inner_bytes"),
                number(peer, "sent", "outer_bytes"),
                number(peer, "received", "packets"),
                number(peer, "received", "inner_bytes"),
                number(peer, "received", "outer_bytes"),
                drops);
    }

    private static void add(Map<String, Long> drops, JsonNode counters) {
        counters.properties()
                .forEach(entry -> drops.merge(entry.getKey(), entry.getValue().asLong(), Long::sum));
    }

    private static long number(JsonNode peer, String direction, String name) {
        JsonNode value = peer.path(direction).path(name);
        if (!value.isIntegralNumber()) {
            throw new AssertionError("status has no " + direction + "." + name + ": " + peer);
        }
        return value.asLong();
    }

    /** What was counted since then; the endpoint is today's. */
    public Status since(Status before) {
        Map<String, Long> counted = new TreeMap<>();
        drops.forEach((reason, count) -> counted.put(reason, count - before.dropped(reason)));
        return new Status(
                endpoint,
                sentPackets - before.sentPackets,
                sentBytes - before.sentBytes,
                sentOuterBytes - before.sentOuterBytes,
                receivedPackets - before.receivedPackets,
                receivedBytes - before.receivedBytes,
                receivedOuterBytes - before.receivedOuterBytes,
                counted);
    }

    /** So many drops for that reason are left out. */
    Status without(String reason, long count) {
        Map<String, Long> others = new TreeMap<>(drops);
        others.merge(reason, -count, Long::sum);
        return new Status(
                endpoint,
                sentPackets,
                sentBytes,
                sentOuterBytes,
                receivedPackets,
                receivedBytes,
                receivedOuterBytes,
                others);
    }

    public long dropped(String reason) {
        return drops.getOrDefault(reason, 0L);
    }

    /** The reasons that were counted at all. */
    public Map<String, Long> counted() {
        Map<String, Long> counted = new TreeMap<>(drops);
        counted.values().removeIf(count -> count == 0);
        return counted;
    }

    /** Datagrams that arrived and were not delivered. */
    public long inboundDrops() {
        return drops.entrySet().stream()
                .filter(drop -> !drop.getKey().startsWith("tx_"))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /** All but the kernel's own chatter on the TUN, which comes when it likes. */
    public long allDrops() {
        return drops.values().stream().mapToLong(Long::longValue).sum() - dropped("tx_local");
    }
}
