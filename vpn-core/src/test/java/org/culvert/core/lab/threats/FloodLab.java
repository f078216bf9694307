package org.culvert.core.lab.threats;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Frames;
import org.culvert.core.lab.AdvisedRules;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Furnished;
import org.culvert.core.lab.Pings;
import org.culvert.core.lab.TcpFrame;
import org.culvert.core.lab.UdpPlace;

/** Two sites, and people on the WAN and on tokyo's LAN who send as many packets as their program can. */
abstract class FloodLab extends CrossingLab {
    static final long SEED = 20_261_127;
    static final int KINDS = 2_000;

    /** Addresses of tokyo's LAN that SYNs come from: 10.1.0.100 and those behind it. */
    static final int SYN_HOSTS = 150;

    private static final int SYN_HOST = 100;
    private static final String FLOODER = "10.1.0.77";
    private static final String PAGE = "still here";

    /** What a flood did: datagrams or packets sent, what others lost meanwhile, and how many of both found which queue full. */
    record Outcome(long sent, Pings pings, long tokyosTun, long socket, long birlinghovensTun) {}

    /** Something that may be sent for ever. */
    interface Sender extends AutoCloseable, Flood.Shots {
        @Override
        void close();
    }

    @Override
    protected List<String> needs() {
        return List.of("ping/iputils-ping", "lighttpd", "curl", "openssl", "nft/nftables");
    }

    @Override
    protected void serve() throws Exception {
        Furnished far = Furnished.create(birlinghoven.host(), folder.resolve("far"));
        far.write("index.html", PAGE);
        far.serve(80, "lighttpd", "-D", "-f", far.write("lighttpd.conf", """
                        server.document-root = "/run"
                        server.bind = "%s"
                        server.port = 80
                        index-file.names = ("index.html")
                        """.formatted(
                        birlinghoven.site().host4())));
    }

    /** Pings every 10 ms, while somebody floods. */
    Outcome during(Sender sender) throws Exception {
        return during(sender, () -> {});
    }

    /** @param other what else is done meanwhile */
    Outcome during(Sender sender, Scenario other) throws Exception {
        KernelCounters here = KernelCounters.of(tokyo.gateway());
        KernelCounters there = KernelCounters.of(birlinghoven.gateway());
        try (sender;
                Flood flood = Flood.of(sender)) {
            Pings pings = tokyo.ping(birlinghoven, 200, "-l", "1", "-i", "0.01");
            other.run();
            long sent = flood.end();
            KernelCounters thereNow = KernelCounters.of(birlinghoven.gateway());
            return new Outcome(
                    sent,
                    pings,
                    KernelCounters.of(tokyo.gateway()).since(here, "dropped by culvert0"),
                    thereNow.since(there, "UdpRcvbufErrors"),
                    thereNow.since(there, "dropped by culvert0"));
        }
    }

    final void fetch() throws Exception {
        String page = "http://" + birlinghoven.site().host4() + "/";
        Finished fetched = tokyo.host().run("curl", "-sS", "--max-time", "30", page);
        assertEquals(PAGE, fetched.succeeded().out());
    }

    /** Has what doc/threats.md advises in force on tokyo's gateway until {@link #unlimit}. */
    void limit() throws Exception {
        rules().load();
    }

    /** @return how many packets the rules have dropped */
    long unlimit() throws Exception {
        AdvisedRules rules = rules();
        long dropped = Arrays.stream(rules.counted()).sum();
        rules.unload();
        return dropped;
    }

    private AdvisedRules rules() throws IOException {
        return new AdvisedRules(tokyo.gateway(), "culvert-floods", folder);
    }

    static List<byte[]> garbage() {
        Random random = new Random(SEED);
        List<byte[]> garbage = new ArrayList<>();
        for (int i = 0; i < KINDS; i++) {
            byte[] datagram = new byte[1 + random.nextInt(1_400)];
            random.nextBytes(datagram);
            garbage.add(datagram);
        }
        return garbage;
    }

    /** Good but for its tag. */
    List<byte[]> badTags() throws Exception {
        Random random = new Random(SEED);
        byte[] good = neverDelivered();
        List<byte[]> bad = new ArrayList<>();
        for (int i = 0; i < KINDS; i++) {
            byte[] datagram = good.clone();
            datagram[datagram.length - 1 - random.nextInt(16)] ^= (byte) (1 + random.nextInt(255));
            bad.add(datagram);
        }
        return bad;
    }

    /** A datagram of tokyo's that did not reach birlinghoven: its number is still free. */
    private byte[] neverDelivered() throws Exception {
        sites.wan().ip("route add blackhole 198.51.100.2/32");
        try (Capture capture = Capture.start(sites.wan(), "tokyo");
                UdpPlace sender = UdpPlace.open(tokyo.host(), tokyo.site().host4())) {
            sender.send(new byte[500], new InetSocketAddress(birlinghoven.site().host4(), 9));
            return Frames.udpPayload(capture.await(
                            1, frame -> Frames.isUdp(frame, PORT) && Frames.udpPayload(frame).length > 500)
                    .getFirst());
        } finally {
            sites.wan().ip("route delete blackhole 198.51.100.2/32");
        }
    }

    /** From the WAN, at birlinghoven's gateway: these datagrams again and again. */
    Sender atTheGateway(List<byte[]> datagrams) throws Exception {
        UdpPlace attacker = UdpPlace.open(sites.wan(), "198.51.100.1");
        InetSocketAddress target = new InetSocketAddress(birlinghoven.site().wan4(), PORT);
        return sender(
                number -> attacker.send(datagrams.get((int) (number % datagrams.size())), target), attacker::close);
    }

    /** From another address of tokyo's LAN than the pings': one flow of small datagrams to the other one. */
    Sender oneFlow() throws Exception {
        tokyo.host().ip("address replace " + FLOODER + "/24 dev eth0");
        UdpPlace insider = UdpPlace.open(tokyo.host(), FLOODER);
        InetSocketAddress target = new InetSocketAddress(birlinghoven.site().host4(), 9);
        byte[] small = new byte[36];
        return sender(number -> insider.send(small, target), insider::close);
    }

    /** From tokyo's LAN, with all its addresses and any port, at birlinghoven's web server. */
    Sender syns() throws Exception {
        Attacker insider = Attacker.at(tokyo.host(), "eth0");
        fetch();
        TcpFrame syn = insider.await(segment -> segment.destinationPort() == 80);
        Random random = new Random(SEED);
        return sender(
                number -> insider.send(from(syn, SYN_HOST + random.nextInt(SYN_HOSTS), random.nextInt(1_024, 65_536))
                        .forged(random.nextInt(), 0, TcpFrame.SYN, new byte[0])),
                insider::close);
    }

    private static TcpFrame from(TcpFrame syn, int host, int port) {
        byte[] frame = syn.frame().clone();
        frame[14 + 15] = (byte) host;
        ByteBuffer.wrap(frame).putShort(syn.tcpStart(), (short) port);
        return new TcpFrame(frame, syn.tcpStart(), syn.end());
    }

    private static Sender sender(Flood.Shots shots, Runnable close) {
        return new Sender() {
            @Override
            public void send(long number) throws Exception {
                shots.send(number);
            }

            @Override
            public void close() {
                close.run();
            }
        };
    }
}
