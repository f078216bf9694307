package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.Frames;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Congestion marks cross the tunnel as RFC 6040 wants it. The router between the sites marks what it forwards with nftables, as one whose
 * queue is long would; pings have their traffic class from {@code ping -Q}, and so have their answers.
 */
class EcnLabTest extends TwoSiteLab {
    private static final int NOT_ECT = 0;
    private static final int ECT_1 = 1;
    private static final int ECT_0 = 2;
    private static final int CE = 3;

    /** Assured forwarding 21, RFC 2597: no ECN bit in it. */
    private static final int DSCP = 0x48;

    private static final int TRAFFIC_CLASS_AT = 15; // behind Ethernet's 14 and version and length of IPv4
    private static final int PROTOCOL_AT = 23;
    private static final int SOURCE_AT = 26;
    private static final int ICMP = 1;
    private static final int PINGS = 4;

    @Override
    String[] programs() {
        return new String[] {"ping/iputils-ping", "nft/nftables"};
    }

    @Override
    void prepare() throws Exception {
        super.prepare();
        nft("add table ip ecn_lab");
        nft("add chain ip ecn_lab congested { type filter hook forward priority 0 ; }");
    }

    @AfterEach
    void queueIsShortAgain() throws IOException {
        nft("flush chain ip ecn_lab congested");
    }

    /** Marks the datagrams that come from one gateway; those that say that nobody understands it, too: routers differ. */
    private void congestedFrom(String site) throws IOException {
        nft("add rule ip ecn_lab congested iifname " + site + " udp dport 1640 ip ecn set ce");
    }

    private void nft(String command) throws IOException {
        sites.wan().run("nft", command).succeeded();
    }

    @ParameterizedTest
    @ValueSource(ints = {NOT_ECT, ECT_1, ECT_0, CE})
    void outerPacketHasTheMarkAndTheClassOfTheInnerOne(int ecn) throws Exception {
        try (Capture wan = Capture.start(sites.wan(), "birlinghoven")) {
            assertAllAnswered(pings(DSCP | ecn));
            for (String gateway :
                    List.of(tokyo.site().wan4(), birlinghoven.site().wan4())) {
                InetAddress sender = InetAddress.getByName(gateway);
                wan.await(
                        1,
                        frame -> Frames.isUdp(frame, PORT)
                                && isOf(DSCP | ecn, frame)
                                && Arrays.equals(sender.getAddress(), 0, 4, frame, SOURCE_AT, SOURCE_AT + 4));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {ECT_1, ECT_0, CE})
    void markMadeOnTheWayArrivesInside(int ecn) throws Exception {
        congestedFrom("tokyo");
        InetAddress host = InetAddress.getByName(birlinghoven.site().host4());
        try (Capture lan = Capture.start(birlinghoven.host(), "eth0")) {
            assertAllAnswered(pings(DSCP | ecn));
            Predicate<byte[]> toHost = frame -> frame[PROTOCOL_AT] == ICMP && Frames.touches(frame, host, 32);
            lan.await(PINGS, toHost.and(frame -> isOf(DSCP | CE, frame)));
        }
    }

    @Test
    void markOnTheWayBackArrivesInside() throws Exception {
        congestedFrom("birlinghoven");
        InetAddress host = InetAddress.getByName(tokyo.site().host4());
        try (Capture lan = Capture.start(tokyo.host(), "eth0")) {
            assertAllAnswered(pings(ECT_0));
            Predicate<byte[]> answers = frame -> frame[PROTOCOL_AT] == ICMP && Frames.touches(frame, host, 32);
            lan.await(PINGS, answers.and(frame -> isOf(CE, frame)));
        }
    }

    @Test
    void markedPacketWhoseSenderKnowsNoMarksIsDroppedAndCounted() throws Exception {
        congestedFrom("tokyo");
        long before = birlinghoven.status().dropped("congestion");
        assertEquals(0, pings(NOT_ECT).received());
        assertEquals(before + PINGS, birlinghoven.status().dropped("congestion"));
    }

    private Pings pings(int trafficClass) throws Exception {
        return tokyo.ping(birlinghoven, PINGS, "-Q", Integer.toString(trafficClass));
    }

    private static boolean isOf(int trafficClass, byte[] frame) {
        return (frame[TRAFFIC_CLASS_AT] & 0xff) == trafficClass;
    }
}
