package org.culvert.core.status;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.culvert.core.policy.PolicyCounts;

/**
 * A gateway at one moment.
 *
 * @param at wall clock
 * @param problems what the administrator should know about the gateway as a whole, beyond what follows from the other fields
 * @param drops dropped packets that belong to no peer, by reason: all reasons, zero included
 * @param discovery certificates over the wire
 * @param peers in the order of the configuration
 * @param groups multicast addresses, in the order of the configuration
 * @param policy what rules did; empty when there are none
 */
public record GatewayStatus(
        Instant at,
        Gateway gateway,
        Udp udp,
        Tun tun,
        Cipher cipher,
        Certificate certificate,
        List<String> problems,
        Map<String, Long> drops,
        Discovery discovery,
        List<PeerStatus> peers,
        List<GroupStatus> groups,
        Optional<PolicyCounts> policy) {
    /** Goes up when a field changes its meaning or goes; new fields may come at any time. */
    public static final String SCHEMA = "culvert.status/1";

    public GatewayStatus {
        problems = List.copyOf(problems);
        drops = ordered(drops);
        peers = List.copyOf(peers);
        groups = List.copyOf(groups);
    }

    /**
     * Who this is.
     *
     * @param name as in the host certificate
     * @param version of the program
     * @param instance 16 random bits of this run, as four hex digits
     * @param uptime monotonic
     * @param networks of the host certificate
     * @param forwardsIpv4 the kernel passes packets between LAN and TUN
     * @param forwardsIpv6 the same for IPv6
     */
    public record Gateway(
            String name,
            String version,
            String instance,
            Duration uptime,
            List<String> networks,
            boolean transit,
            boolean forwardsIpv4,
            boolean forwardsIpv6) {
        public Gateway {
            networks = List.copyOf(networks);
        }
    }

    /**
     * The socket towards the peers.
     *
     * @param listen address and port
     * @param offloads in use, as "gso", "gro"
     */
    public record Udp(String listen, List<String> offloads) {
        public Udp {
            offloads = List.copyOf(offloads);
        }
    }

    /**
     * The device towards the LAN.
     *
     * @param offloads in use, as "tso", "uso"
     * @param queues by lane; one where there are not several
     */
    public record Tun(String name, int mtuBytes, boolean persistent, List<String> offloads, List<Queue> queues) {
        public Tun {
            offloads = List.copyOf(offloads);
            queues = List.copyOf(queues);
        }
    }

    /**
     * What the two threads of one lane did for all peers that are configured now.
     *
     * @param sentPackets read from this queue
     * @param receivedPackets that came to this lane's socket and were accepted
     * @param strayedPackets of these, what is another lane's: the kernel had put datagrams together
     */
    public record Queue(long sentPackets, long receivedPackets, long strayedPackets) {}

    /**
     * What seals and opens.
     *
     * @param backend "jce" or "ipsec-mb"
     * @param reason why this one
     */
    public record Cipher(String backend, String reason) {}

    /**
     * How long a certificate is good.
     *
     * @param problems why it is not accepted now; empty: it is
     */
    public record Certificate(Instant notBefore, Instant notAfter, List<String> problems) {
        public Certificate {
            problems = List.copyOf(problems);
        }
    }

    /**
     * Certificates over the wire.
     *
     * @param answers whether ours is handed to whoever asks
     * @param answered requests that it was handed to
     * @param challenged requests that were told to come again with a cookie
     * @param asked requests of ours
     * @param fetched chains that came, whatever they were worth
     */
    public record Discovery(boolean answers, long answered, long challenged, long asked, long fetched) {}

    /** The peer of this name. */
    public Optional<PeerStatus> peer(String name) {
        return peers.stream().filter(peer -> peer.name().equals(name)).findFirst();
    }

    /** The same with one peer only. */
    public GatewayStatus only(PeerStatus peer) {
        return new GatewayStatus(
                at,
                gateway,
                udp,
                tun,
                cipher,
                certificate,
                problems,
                drops,
                discovery,
                List.of(peer),
                List.of(),
                policy);
    }

    /** Keeps the order in which the reasons come, which is that of a packet's way. */
    static Map<String, Long> ordered(Map<String, Long> drops) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(drops));
    }
}
