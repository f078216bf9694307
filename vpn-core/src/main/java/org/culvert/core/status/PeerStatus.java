package org.culvert.core.status;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A peer at one moment. Counters never go back while the daemon runs.
 *
 * @param up whether packets can be exchanged: certificates and keys are good on this side
 * @param reason why it is down, or what is to be known although it is up ("nothing received yet"); empty: nothing
 * @param endpoint where packets go
 * @param lastReceived age of the newest packet that was accepted
 * @param suites accepted from the peer
 * @param sendingSuite sent to the peer
 * @param clear whether packets travel readable: signed, not encrypted
 * @param trafficKey policy in words
 * @param mtuBytes largest inner packet
 * @param certificate absent when it was not fetched yet
 * @param certificateSource "file" of an administrator's, "fetched" from the peer, "kept" from an earlier run, "none" yet
 * @param drops by reason: all reasons, zero included
 * @param clockSkew how far the peer's clock runs ahead of ours (negative: behind), the way's delay included
 * @param keys what protects its packets
 * @param way what echoes say of the way to it
 * @param refusals what was refused lately, here and there
 * @param lists revocation lists it enforces, as it says
 * @param savedBytes of the packets sent, so many bytes did not travel; empty: not compressed
 */
public record PeerStatus(
        String name,
        boolean up,
        String reason,
        Optional<String> endpoint,
        Optional<Duration> lastReceived,
        List<String> suites,
        String sendingSuite,
        boolean clear,
        String trafficKey,
        int mtuBytes,
        List<String> networks,
        Optional<GatewayStatus.Certificate> certificate,
        String certificateSource,
        Traffic sent,
        Traffic received,
        Map<String, Long> drops,
        Optional<Duration> clockSkew,
        KeyStatus keys,
        WayStatus way,
        List<Refused> refusals,
        List<EnforcedList> lists,
        OptionalLong savedBytes) {
    public PeerStatus {
        suites = List.copyOf(suites);
        networks = List.copyOf(networks);
        refusals = List.copyOf(refusals);
        lists = List.copyOf(lists);
        drops = GatewayStatus.ordered(drops);
    }

    /**
     * Something that one of the two does not take from the other.
     *
     * @param byPeer the peer refuses what we send; else we refuse what it sends
     * @param code stable: "inner_source", "policy"
     * @param text one line for people
     * @param age since it was said last
     */
    public record Refused(boolean byPeer, String code, String text, Duration age) {}

    /** A revocation list that the peer enforces; the issuer is empty where we have no list of that CA. */
    public record EnforcedList(String issuer, long number) {}

    /**
     * What went one way.
     *
     * @param packets inner packets
     * @param innerBytes of these
     * @param outerBytes of the datagrams they came in, UDP payload
     */
    public record Traffic(long packets, long innerBytes, long outerBytes) {}
}
