package org.culvert.core.flow;

import static org.culvert.core.peer.Snapshot.HOURS_AROUND;

import java.net.InetSocketAddress;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.culvert.core.crypto.CipherBackend;
import org.culvert.core.crypto.CipherChoice;
import org.culvert.core.crypto.HostIdentity;
import org.culvert.core.crypto.KeyBatch;
import org.culvert.core.crypto.PairSecret;
import org.culvert.core.crypto.Suite;
import org.culvert.core.peer.Admits;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.Counters;
import org.culvert.core.peer.PairKeys;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.ReceiveKey;
import org.culvert.core.peer.SendKey;
import org.culvert.core.peer.Snapshot;
import org.culvert.core.peer.SpiTable;
import org.culvert.core.peer.StrangeHour;
import org.culvert.core.peer.TrafficKeyPolicy;
import org.culvert.core.policy.Flows;
import org.culvert.core.policy.Policy;
import org.culvert.core.policy.Rule;
import org.culvert.core.policy.Site;
import org.culvert.core.replay.PeerReplay;
import org.culvert.core.route.RouteTable;
import org.culvert.core.wire.DataHeader;
import org.culvert.core.wire.DropReason;
import org.culvert.core.wire.SkipTime;
import org.culvert.keymgmt.Prefix;
import org.culvert.tun.Endpoint;
import org.culvert.tun.memory.OffHeap;
import org.jspecify.annotations.Nullable;

/** A whole gateway in the test's thread: real flows over a fake TUN and a fake socket, keys made by hand, clock set by hand. */
final class TestGateway implements AutoCloseable {
    final String name;
    final Endpoint address;
    final List<Prefix> networks;
    final KeyPair keyPair;
    final FakeTun tun;
    final FakeLink link = new FakeLink();

    /** Set before {@link #knows}. */
    int lanes = 1;

    /** All of them, by lane: {@link #tun}, {@link #link}, {@link #outbound} and {@link #inbound} come first. */
    final List<FakeTun> tuns = new ArrayList<>();

    final List<FakeLink> links = new ArrayList<>();
    final List<Outbound> outbounds = new ArrayList<>();
    final List<Inbound> inbounds = new ArrayList<>();
    final Counters unattributed = new Counters(DataHeader.LANES);
    final TestClock clock;
    final Map<String, Peer> peers = new LinkedHashMap<>();
    final SplittableRandom random = new SplittableRandom(20260719);
    final List<byte[]> discovery = new ArrayList<>();
    long handedToDiscovery;

    /** Where its flows had keys so far. */
    final SeenKeys seen = new SeenKeys();

    boolean transit;
    boolean noEntropy;

    /** Under which no data is taken: a static pair where epoch keys are required. */
    @Nullable
    PairKeys noData;

    /** Set for a gateway that has no keys yet that may carry data. */
    boolean waitsForKeys;

    final List<Rule> rules = new ArrayList<>();
    Policy policy;
    int instance = 0x5a17;
    Published published;
    Outbound outbound;
    Inbound inbound;
    private final List<TestGateway> others = new ArrayList<>();
    private final Map<String, List<Prefix>> narrowed = new LinkedHashMap<>();
    final Map<String, List<PairKeys>> pairs = new LinkedHashMap<>();
    private long version;

    TestGateway(String name, String address, TestClock clock, boolean vnetHeader, KeyPair keyPair, String... networks) {
        this.name = name;
        this.address = Endpoint.of(new InetSocketAddress(address, 1640));
        this.clock = clock;
        this.tun = new FakeTun(vnetHeader);
        this.networks = Arrays.stream(networks).map(Prefix::parse).toList();
        this.keyPair = keyPair;
    }

    TestGateway(String name, String address, TestClock clock, boolean vnetHeader, String... networks) throws Exception {
        this(
                name,
                address,
                clock,
                vnetHeader,
                KeyPairGenerator.getInstance("X25519").generateKeyPair(),
                networks);
    }

    /** A clock that only a test moves. */
    static final class TestClock implements Clock {
        long ticks;
        long ns = 77_000_000_000L;

        TestClock(long ticks) {
            this.ticks = ticks;
        }

        void advanceSeconds(long seconds) {
            ticks += seconds * SkipTime.TICKS_PER_SECOND;
            ns += seconds * 1_000_000_000L;
        }

        @Override
        public long ticks() {
            return ticks;
        }

        @Override
        public long nanoTime() {
            return ns;
        }
    }

    Peer knows(TestGateway other, Suite... suites) throws Exception {
        return knows(other, TrafficKeyPolicy.EVERY_PACKET, suites);
    }

    /** As for a peer with a changing address: it must speak first. */
    void knowsWithoutEndpoint(TestGateway other) throws Exception {
        knows(other, TrafficKeyPolicy.EVERY_PACKET, false);
    }

    Peer knows(TestGateway other, TrafficKeyPolicy policy, Suite... suites) throws Exception {
        return knows(other, policy, true, suites);
    }

    private Peer knows(TestGateway other, TrafficKeyPolicy policy, boolean endpoint, Suite... suites) throws Exception {
        List<Suite> accepted = suites.length == 0 ? List.of(Suite.AES_128_GCM) : List.of(suites);
        Peer peer = new Peer(other.name, accepted, policy, new PeerReplay(), clock.ticks * 305, lanes);
        peer.replay().raiseFloor(clock.ticks - 1);
        if (endpoint) {
            peer.moveTo(other.address);
        }
        PairSecret secret = PairSecret.agree(keyPair.getPrivate(), other.keyPair.getPublic());
        pairs.put(other.name, new ArrayList<>(List.of(new PairKeys(secret, id(), other.id()))));
        peers.put(other.name, peer);
        others.add(other);
        return peer;
    }

    /** One more pair with another gateway, of other keys than the first: opens too, and is not sent under unless it comes first. */
    PairKeys alsoPairs(TestGateway other, KeyPair own, KeyPair theirs) throws Exception {
        PairKeys pair = new PairKeys(PairSecret.agree(own.getPrivate(), theirs.getPublic()), id(), other.id());
        pairs.get(other.name).add(pair);
        return pair;
    }

    /** What this gateway lets another one speak for, instead of what that one claims. */
    void narrows(TestGateway other, String... allowed) {
        narrowed.put(other.name, Arrays.stream(allowed).map(Prefix::parse).toList());
    }

    Peer peer(TestGateway other) {
        return peers.get(other.name);
    }

    byte[] id() {
        return HostIdentity.id(name, keyPair.getPublic().getEncoded());
    }

    /** Builds a snapshot for the clock's hour and publishes it; the first time also the flows. */
    void publish() {
        int hour = SkipTime.hour(clock.ticks);
        List<SendKey> send = new ArrayList<>();
        List<List<SendKey>> controls = new ArrayList<>();
        List<ReceiveKey> receive = new ArrayList<>();
        List<StrangeHour> strange = new ArrayList<>();
        RouteTable.Builder routes = RouteTable.builder();
        RouteTable.Builder own = RouteTable.builder();
        add(routes, Prefix.parse("224.0.0.0/4"), Snapshot.NEVER);
        add(routes, Prefix.parse("ff00::/8"), Snapshot.NEVER);
        add(routes, Prefix.parse("127.0.0.0/8"), Snapshot.NEVER);
        networks.forEach(prefix -> add(routes, prefix, Snapshot.OWN));
        networks.forEach(prefix -> add(own, prefix, Snapshot.OWN));
        for (int i = 0; i < others.size(); i++) {
            TestGateway other = others.get(i);
            Peer peer = peers.get(other.name);
            List<PairKeys> known = pairs.get(other.name);
            List<SendKey> control = new ArrayList<>();
            controls.add(control);
            for (int h = hour - HOURS_AROUND; h <= hour + HOURS_AROUND; h++) {
                send.add(waitsForKeys ? null : sendKey(known.getFirst(), h, peer.sendingSuite(), peer.trafficKey()));
            }
            for (PairKeys pair : known) {
                for (int h = hour - HOURS_AROUND; h <= hour + HOURS_AROUND; h++) {
                    control.add(sendKey(pair, h, Suite.CONTROL, TrafficKeyPolicy.EVERY_PACKET));
                    receive.addAll(receiveKeys(peer, pair, h));
                }
            }
            for (int h = hour - 24; h <= hour + 24; h++) {
                if (Math.abs(h - hour) > HOURS_AROUND) {
                    PairKeys pair = known.getFirst();
                    strange.add(new StrangeHour(
                            peer, pair, h, peer.sendingSuite(), pair.receivingSpi(h, peer.sendingSuite())));
                }
            }
            int number = i;
            narrowed.getOrDefault(other.name, other.networks).forEach(prefix -> add(routes, prefix, number));
        }
        RouteTable.Builder local = RouteTable.builder();
        local.add(address.remoteHigh(), address.remoteLow(), 128, Snapshot.OWN);
        Snapshot snapshot = new Snapshot(
                ++version,
                instance,
                hour,
                List.copyOf(peers.values()),
                routes.build(),
                own.build(),
                local.build(),
                transit,
                policy(),
                send,
                controls,
                collide(receive),
                new SpiTable<StrangeHour>(strange, StrangeHour::spi));
        if (published == null) {
            published = new Published(snapshot);
            CipherChoice jce = CipherChoice.choose("jce");
            Map<Suite, CipherBackend> backends = new EnumMap<>(Suite.class);
            for (Suite suite : Suite.values()) {
                backends.put(suite, seen.watching(jce.backend(suite)));
            }
            KeyBatch.Random fill = (at, bytes) -> {
                if (noEntropy) {
                    throw new IllegalStateException("getrandom: expected by this test");
                }
                seen.add(at, bytes);
                for (int b = 0; b < bytes; b++) {
                    OffHeap.putU8(at + b, random.nextInt(256));
                }
            };
            for (int i = 0; i < lanes; i++) {
                tuns.add(i == 0 ? tun : new FakeTun(tun.vnetHeader()));
                links.add(i == 0 ? link : new FakeLink());
            }
            for (int i = 0; i < lanes; i++) {
                Lane lane = new Lane(i, tuns.get(i), links.get(i), List.copyOf(tuns));
                outbounds.add(new Outbound(lane, published, clock, backends, unattributed, fill));
                inbounds.add(new Inbound(lane, published, clock, backends, unattributed, fill));
            }
            outbound = outbounds.getFirst();
            inbound = inbounds.getFirst();
        } else {
            published.publish(snapshot);
        }
    }

    private SendKey sendKey(PairKeys pair, int hour, Suite suite, TrafficKeyPolicy trafficKey) {
        return SendKey.of(pair, hour, suite, lanes, trafficKey);
    }

    private List<ReceiveKey> receiveKeys(Peer peer, PairKeys pair, int hour) {
        Set<Suite> suites = new LinkedHashSet<>(peer.suites());
        suites.add(Suite.CONTROL);
        return suites.stream()
                .map(suite -> ReceiveKey.of(peer, pair, hour, suite))
                .map(key -> pair.equals(noData) ? key.admitting(Admits.ANNOUNCEMENTS) : key)
                .toList();
    }

    /** Groups are the gateways' names; no peer is open once there is a rule. */
    private Policy policy() {
        List<Site> sites = others.stream()
                .map(other -> new Site(other.name, List.of(other.name), rules.isEmpty()))
                .toList();
        policy = Policy.of(rules, new Site(name, List.of(name), false), sites, new Flows(0x1d2c, 0x3b4a), policy);
        return policy;
    }

    /** Set to give every receive key this SPI as well: what a collision of SPIs looks like. */
    Integer collidingSpi;

    private SpiTable<ReceiveKey> collide(List<ReceiveKey> keys) {
        return new SpiTable<>(keys, key -> collidingSpi == null ? key.spi() : collidingSpi);
    }

    private static void add(RouteTable.Builder table, Prefix prefix, int value) {
        table.add(prefix.high(), prefix.low(), prefix.mappedLength(), value);
    }

    /** Reads what waits in the TUN and gives back the datagrams sent. */
    List<byte[]> seal(byte[]... packets) {
        for (byte[] packet : packets) {
            tun.toRead.add(tun.vnetHeader() ? Packets.withVnetHeader(packet) : packet);
        }
        while (outbound.runOnce()) {}
        List<byte[]> datagrams = link.sent.stream().map(FakeLink.Sent::bytes).toList();
        link.sent.clear();
        return datagrams;
    }

    /** Has one control message sent as the control thread would. @return the datagrams sent */
    List<byte[]> say(TestGateway other, byte[] message, int datagramBytes) {
        return say(other, null, message, datagramBytes);
    }

    /** @param under the pair that is to seal it; null: the one data is sent under */
    List<byte[]> say(TestGateway other, PairKeys under, byte[] message, int datagramBytes) {
        ControlRing.Slot slot = published.controlToSend().claim();
        if (slot == null) {
            throw new AssertionError("the ring is full");
        }
        slot.peer = peer(other);
        slot.pair = under;
        slot.messageBytes = message.length;
        System.arraycopy(message, 0, slot.message, 0, message.length);
        slot.datagramBytes = datagramBytes;
        published.controlToSend().offer(slot);
        return seal();
    }

    /** What is no packet and waits for the discovery thread. */
    private void takeDiscovery() {
        ControlRing ring = published.discoveryReceived();
        for (ControlRing.Slot slot = ring.peek(); slot != null; slot = ring.peek()) {
            discovery.add(Arrays.copyOf(slot.message, slot.messageBytes));
            ring.release(slot);
            handedToDiscovery++;
        }
    }

    /** Receives one datagram from another gateway's address. @return the packets written to the TUN, virtio header off */
    List<byte[]> open(Endpoint from, byte[]... datagrams) {
        link.arrive(from, datagrams);
        while (inbound.runOnce()) {
            takeDiscovery();
        }
        List<byte[]> packets = tun.written.stream()
                .map(packet -> tun.vnetHeader() ? Arrays.copyOfRange(packet, 10, packet.length) : packet)
                .toList();
        tun.written.clear();
        return packets;
    }

    /** All inbound drops but those of the reasons named, of all peers and unattributed. */
    long inboundDropsBut(DropReason... expected) {
        long sum = 0;
        for (DropReason reason : DropReason.values()) {
            if (reason.inbound() && !Arrays.asList(expected).contains(reason)) {
                sum += dropped(reason);
            }
        }
        return sum;
    }

    long dropped(DropReason reason) {
        return unattributed.dropped(reason)
                + peers.values().stream()
                        .mapToLong(peer -> peer.counters().dropped(reason))
                        .sum();
    }

    @Override
    public void close() {
        outbounds.forEach(Outbound::close);
        inbounds.forEach(Inbound::close);
    }
}
