package org.culvert.core.flow;

import java.util.IdentityHashMap;
import java.util.Map;
import org.culvert.core.compress.Compressor;
import org.culvert.core.crypto.CipherBackend;
import org.culvert.core.crypto.KeyBatch;
import org.culvert.core.crypto.PacketCipher;
import org.culvert.core.crypto.Suite;
import org.culvert.core.group.Group;
import org.culvert.core.packet.IpPacket;
import org.culvert.core.packet.MssClamp;
import org.culvert.core.packet.Segmenter;
import org.culvert.core.packet.TrafficClass;
import org.culvert.core.peer.Counters;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.SendKey;
import org.culvert.core.peer.Snapshot;
import org.culvert.core.policy.Direction;
import org.culvert.core.policy.PolicyCheck;
import org.culvert.core.wire.DataHeader;
import org.culvert.core.wire.DropReason;
import org.culvert.core.wire.InnerWord;
import org.culvert.core.wire.SkipTime;
import org.culvert.tun.Endpoint;
import org.culvert.tun.Fragmentation;
import org.culvert.tun.Tun;
import org.culvert.tun.UdpLink;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.jspecify.annotations.Nullable;

/**
 * From TUN to UDP, in one {@link Lane}. One thread, run to completion; the methods stand in the order in which a packet passes them:
 *
 * <ol>
 *   <li>{@link #readBatch}: packets and super-packets from the TUN, until it is empty or 32 KiB are there; never waits for more
 *   <li>{@link #route}: destination to peer, source within our own certificate, allowed by the rules if there are any
 *   <li>{@link #sealFor}: all packets of one peer, in order: cut into segments, traffic keys drawn and wrapped, sealed
 *   <li>{@link SendRun}: datagrams of equal size leave with one sendmsg. While the TUN has more, the last run stays open for it: a
 *       super-packet of 64 KiB is 47 segments, of which 44 fit into a send, and three alone cost the kernel nearly as much as 44
 *   <li>in lane 0, before the packets of a batch, {@link ControlSender}: what the control thread wants said; behind them
 *       {@link #sealForGroups}: what the LAN sent to multicast groups
 * </ol>
 *
 * A super-packet's payload is sealed from where the TUN read put it: only headers are copied (see {@link Segmenter}).
 */
public final class Outbound implements AutoCloseable {
    /** Largest single read: a 64 KiB super-packet and its virtio header. */
    private static final int MAX_READ_BYTES = 65_535 + Tun.VNET_HEADER_BYTES;

    /** In front of each packet, for the inner word where there is no virtio header; keeps packets 16-byte aligned. */
    private static final int HEADROOM_BYTES = 16;

    /** Packets taken per batch at most: what one UDP_SEGMENT send can carry when they are small. */
    private static final int MAX_PACKETS = 64;

    /** When this much has been read the batch goes out: one super-packet fills a send already. */
    private static final int ENOUGH_BYTES = 32 * 1024;

    private static final int READ_AREA_BYTES = ENOUGH_BYTES + MAX_PACKETS * (HEADROOM_BYTES + 64) + MAX_READ_BYTES + 64;

    /** Traffic keys drawn at once at most. */
    private static final int MAX_KEYS = 128;

    private static final int IPV4_HEADER_BYTES = 20;
    private static final int IPV6_HEADER_BYTES = 40;

    /** Route of a packet that was dropped. */
    private static final int DROPPED = -1;

    private final int lane;
    private final Tun tun;
    private final UdpLink link;
    private final Published published;
    private final Published.Use use;
    private final Clock clock;
    private final Counters unrouted;
    private final Ciphers ciphers;
    private final KeyBatch keys;
    private final Segmenter segmenter = new Segmenter();
    private final PolicyCheck policyCheck = new PolicyCheck(Direction.OUTBOUND);
    private final SendRun run;
    private final @Nullable ControlSender control; // in lane 0 alone
    private final Region readArea = new Region(READ_AREA_BYTES);
    private final IdentityHashMap<Peer, KeptKey> keptKeys = new IdentityHashMap<>();

    private final HoldQueue held;

    private final long[] packetAddress = new long[MAX_PACKETS];
    private final int[] packetBytes = new int[MAX_PACKETS];
    private final int[] packetRoute = new int[MAX_PACKETS];
    private int packets;

    private final PacketCost cost = new PacketCost();
    private final Tap tap = new Tap();

    private @Nullable Compressor compressor;

    /** Datagrams of this batch. */
    private int sealed;

    /** The last read found the TUN empty. */
    private boolean drained;

    private volatile boolean stopping;
    private volatile int failure;

    /** Of this batch: its one reading of the wall clock, and the sender instance. */
    private long ticks;

    private long nowNs;

    private int instance;
    private int dscp;

    /** Of the present packet: DSCP and ECN of its datagrams. */
    private int outerClass;

    private long seenVersion;

    /** Packets of the present peer not yet cut into segments. */
    private int waiting;

    /** Of the keys drawn: the number of the next one to use, and how many there are. */
    private int nextKey;

    private int drawnKeys;

    /**
     * @param unrouted counts what belongs to no peer
     * @param random fills native memory from the system's generator
     */
    public Outbound(
            Lane lane,
            Published published,
            Clock clock,
            Map<Suite, CipherBackend> backends,
            Counters unrouted,
            KeyBatch.Random random) {
        this.lane = lane.number();
        this.tun = lane.tun();
        this.link = lane.link();
        this.published = published;
        this.use = published.use();
        this.clock = clock;
        this.unrouted = unrouted;
        this.keys = new KeyBatch(MAX_KEYS, random);
        this.held = new HoldQueue(this.lane, HEADROOM_BYTES);
        this.run = new SendRun(this.lane, link);
        this.ciphers = new Ciphers(backends);
        this.control = this.lane == 0 ? new ControlSender(link, published.controlToSend(), ciphers, random) : null;
    }

    /** The thread's whole life: until {@link #stop} or until the TUN is gone. */
    public void run() {
        try {
            while (!stopping) {
                if (!runOnce() && !stopping) {
                    tun.awaitReadable(-1);
                }
            }
            run.send();
        } finally {
            use.end();
        }
    }

    /** Any thread. Packets already read still go out. */
    public void stop() {
        stopping = true;
        tun.wake();
    }

    /** The errno that ended the thread, 0 when none did: the TUN was deleted under us. */
    public int failure() {
        return failure;
    }

    public Tap tap() {
        return tap;
    }

    public PacketCost cost() {
        return cost;
    }

    /** One batch. @return false when the TUN is empty, and everything read from it has been sent */
    public boolean runOnce() {
        Snapshot snapshot = use.snapshot();
        boolean another = snapshot.version() != seenVersion;
        if (another) {
            seenVersion = snapshot.version();
            forgetKeysThatAreGone(snapshot);
        }
        if (another && !held.isEmpty()) {
            sealHeld(snapshot);
        }
        readBatch();
        boolean controlPending = control != null && control.pending();
        GroupExchange groups = lane == 0 ? published.groups() : null;
        boolean groupsPending = groups != null && groups.toPeers().peek() != null;
        if (packets > 0 || controlPending || groupsPending) {
            sealBatch(snapshot, controlPending);
            if (groups != null && groupsPending) {
                sealForGroups(groups.toPeers(), snapshot);
            }
            cost.batchHad(sealed);
            sealed = 0;
        }
        if (drained) {
            run.send();
            cost.waits(clock);
        }
        return !drained;
    }

    private void sealBatch(Snapshot snapshot, boolean controlPending) {
        nowNs = clock.nanoTime();
        cost.batchBegins(nowNs);
        policyCheck.begin(snapshot.policy(), nowNs);
        for (int i = 0; i < packets; i++) {
            packetRoute[i] = route(i, snapshot);
        }
        ticks = clock.ticks();
        instance = snapshot.instance();
        Fragmentation fragmentation = published.fragmentation();
        link.fragmentation(fragmentation);
        dscp = published.dscp();
        if (control != null && controlPending) {
            run.send(); // sealed before it
            control.send(snapshot, ticks, fragmentation);
        }
        PacketRing capture = tap.ring();
        if (capture != null) {
            copyTo(capture, snapshot);
        }
        for (int i = 0; i < packets; i++) {
            if (packetRoute[i] != DROPPED) {
                sealFor(packetRoute[i], i, snapshot);
            }
        }
    }

    /** Packets that waited until there were keys leave before those that came later. */
    private void sealHeld(Snapshot snapshot) {
        packets = held.due(snapshot, SkipTime.hour(clock.ticks()), clock.nanoTime(), packetAddress, packetBytes);
        if (packets > 0) {
            sealBatch(snapshot, false);
        }
        held.compact();
    }

    /** A pair that is no more, or a peer that is configured no more, leaves no traffic key behind, nor a packet key. */
    private void forgetKeysThatAreGone(Snapshot snapshot) {
        keys.clear();
        ciphers.forget();
        keptKeys.entrySet().removeIf(kept -> {
            int number = snapshot.peers().indexOf(kept.getKey());
            SendKey key = number < 0 ? null : snapshot.sendKey(number, SkipTime.hour(clock.ticks()));
            boolean gone = key == null || !kept.getValue().isUnder(key.pair());
            if (gone) {
                kept.getValue().close();
            }
            return gone;
        });
    }

    // 1. Read

    private void readBatch() {
        long at = readArea.address() + HEADROOM_BYTES;
        int bytes = 0;
        packets = 0;
        drained = false;
        while (packets < MAX_PACKETS && bytes < ENOUGH_BYTES) {
            int result = tun.read(at, MAX_READ_BYTES);
            if (result < 0) {
                drained = true;
                readFailed(-result);
                return;
            }
            packetAddress[packets] = at;
            packetBytes[packets] = result;
            packets++;
            bytes += result;
            at += (result + HEADROOM_BYTES + 63) & ~63;
        }
    }

    private void readFailed(int errno) {
        if (TunErrors.fatal(errno)) {
            failure = errno;
            stopping = true;
        }
    }

    // 2. Route

    /** @return the peer's number, or {@link #DROPPED}: then it is counted */
    private int route(int i, Snapshot snapshot) {
        int headerBytes = tun.vnetHeader() ? Tun.VNET_HEADER_BYTES : 0;
        long packet = packetAddress[i] + headerBytes;
        int version = version(packet, packetBytes[i] - headerBytes);
        if (version < 0) {
            return dropped(DropReason.TX_MALFORMED);
        }
        int peer = snapshot.routes()
                .lookup(IpPacket.destinationHigh(packet, version), IpPacket.destinationLow(packet, version));
        if (!Snapshot.isPeer(peer)) {
            return dropped(peer == Snapshot.NEVER ? DropReason.TX_LOCAL : DropReason.TX_NO_ROUTE);
        }
        int source = snapshot.ownNetworks()
                .lookup(IpPacket.sourceHigh(packet, version), IpPacket.sourceLow(packet, version));
        if (source != Snapshot.OWN) {
            snapshot.peers().get(peer).counters().drop(lane, DropReason.TX_SOURCE, 1);
            return DROPPED;
        }
        if (snapshot.policy() != null && !permits(packet, packetBytes[i] - headerBytes, version, peer, snapshot)) {
            snapshot.peers().get(peer).counters().drop(lane, DropReason.TX_POLICY, 1);
            return DROPPED;
        }
        return peer;
    }

    private boolean permits(long packet, int bytes, int version, int peer, Snapshot snapshot) {
        int from = snapshot.routes().lookup(IpPacket.sourceHigh(packet, version), IpPacket.sourceLow(packet, version));
        return policyCheck.permits(packet, bytes, version, from, peer);
    }

    /** Only as far as the addresses: lengths are checked when the packet is cut. @return 4, 6, or -1 */
    private static int version(long packet, int bytes) {
        int version = bytes > 0 ? OffHeap.u8(packet) >>> 4 : 0;
        boolean whole = (version == 4 && bytes >= IPV4_HEADER_BYTES) || (version == 6 && bytes >= IPV6_HEADER_BYTES);
        return whole && !(version == 6 && IpPacket.hasMappedAddress(packet)) ? version : -1;
    }

    private int dropped(DropReason reason) {
        unrouted.drop(lane, reason, 1);
        return DROPPED;
    }

    /** For {@code culvert capture}: what this batch is about to seal, super-packets in one piece. */
    private void copyTo(PacketRing capture, Snapshot snapshot) {
        int headerBytes = tun.vnetHeader() ? Tun.VNET_HEADER_BYTES : 0;
        for (int i = 0; i < packets; i++) {
            if (packetRoute[i] != DROPPED) {
                Peer peer = snapshot.peers().get(packetRoute[i]);
                capture.add(peer, ticks, packetAddress[i] + headerBytes, packetBytes[i] - headerBytes);
            }
        }
    }

    // 3. Seal

    /** Seals all packets of this batch for one peer, from packet {@code first} on, and marks them done. */
    private void sealFor(int peerNumber, int first, Snapshot snapshot) {
        Peer peer = snapshot.peers().get(peerNumber);
        Endpoint endpoint = peer.endpoint();
        SendKey key = snapshot.sendKey(peerNumber, SkipTime.hour(ticks));
        waiting = countFor(peerNumber, first);
        nextKey = 0;
        drawnKeys = 0;
        for (int i = first; i < packets; i++) {
            if (packetRoute[i] == peerNumber) {
                packetRoute[i] = DROPPED;
                waiting--;
                if (endpoint == null) {
                    peer.counters().drop(lane, DropReason.TX_NO_ENDPOINT, 1);
                } else if (key == null) {
                    holdOrDrop(i, peerNumber, snapshot);
                } else {
                    sealPacket(i, peer, endpoint, key);
                }
            }
        }
    }

    /** A peer that is up and has no keys for data will have some in a round trip. */
    private void holdOrDrop(int i, int peerNumber, Snapshot snapshot) {
        Peer peer = snapshot.peers().get(peerNumber);
        if (snapshot.isUp(peerNumber) && held.hold(peer, packetAddress[i], packetBytes[i], nowNs)) {
            peer.packetWaits(nowNs);
            published.controlArrived().ring();
        } else {
            peer.counters().drop(lane, DropReason.TX_NO_KEYS, 1);
        }
    }

    private int countFor(int peerNumber, int first) {
        int count = 0;
        for (int i = first; i < packets; i++) {
            if (packetRoute[i] == peerNumber) {
                count++;
            }
        }
        return count;
    }

    private void sealPacket(int i, Peer peer, Endpoint endpoint, SendKey key) {
        int segments = begin(i);
        if (segments < 1) {
            peer.counters().drop(lane, DropReason.TX_MALFORMED, 1);
            return;
        }
        int version = segmenter.version();
        int kind = version == 4 ? InnerWord.KIND_IPV4 : InnerWord.KIND_IPV6;
        int word = InnerWord.of(SkipTime.timeInHour(ticks), segmenter.partial(), kind);
        outerClass = TrafficClass.outer(segmenter.packet(), version, dscp);
        for (int s = 0; s < segments; s++) {
            long packet = segmenter.segment(s);
            int bytes = segmenter.segmentBytes();
            if (segments == 1) {
                clampMss(packet, bytes, peer);
            }
            int datagramBytes = bytes + key.suite().overheadBytes();
            if (datagramBytes > UdpLink.MAX_SEND_BYTES) {
                peer.counters().drop(lane, DropReason.TX_TOO_BIG, 1);
                continue;
            }
            sealSegment(peer, endpoint, key, packet, bytes, word, segments - s + waiting);
        }
    }

    /** Does something to SYNs only, and these never come in super-packets. */
    private void clampMss(long packet, int bytes, Peer peer) {
        int version = segmenter.version();
        long transport = IpPacket.transport(packet, bytes, version);
        MssClamp.apply(packet, bytes, transport, version, segmenter.partial(), peer.mtuBytes());
    }

    private int begin(int i) {
        if (tun.vnetHeader()) {
            return segmenter.begin(packetAddress[i], packetBytes[i]);
        }
        return segmenter.beginPlain(packetAddress[i], packetBytes[i]);
    }

    /**
     * Compresses the packet first where that is configured and makes it smaller.
     *
     * @param expected how many segments of this peer are at hand, this one included: as many keys are drawn at once
     */
    private void sealSegment(
            Peer peer, Endpoint endpoint, SendKey key, long packet, int bytes, int word, int expected) {
        int smaller = peer.compresses() ? compressor().compress(packet, bytes) : 0;
        long sent = smaller == 0 ? packet : compressor().packet();
        int sentBytes = smaller == 0 ? bytes : smaller;
        int overhead = key.suite().overheadBytes();
        run.open(peer, endpoint, sentBytes + overhead, overhead, outerClass);
        OffHeap.putI32(sent - DataHeader.INNER_WORD_BYTES, smaller == 0 ? word : word | InnerWord.COMPRESSED);
        seal(peer, key, sent, sentBytes, expected, bytes - sentBytes);
    }

    /** Made with the first packet for a peer that compresses. */
    private Compressor compressor() {
        Compressor made = compressor;
        if (made == null) {
            made = new Compressor();
            compressor = made;
        }
        return made;
    }

    private void seal(Peer peer, SendKey key, long packet, int bytes, int expected, int savedBytes) {
        long trafficKey;
        long wrapped;
        int type;
        if (key.trafficKey().everyPacket()) {
            if (nextKey == drawnKeys) {
                draw(peer, key, expected);
            }
            type = DataHeader.TYPE_PACKET_KEY;
            trafficKey = keys.packetKey(nextKey);
            wrapped = keys.wrapped(nextKey);
            nextKey++;
        } else {
            KeptKey kept = keptKey(peer, key, bytes);
            type = DataHeader.TYPE_KEPT_KEY;
            trafficKey = kept.key();
            wrapped = kept.wrapped();
        }
        long datagram = run.next();
        DataHeader.write(
                datagram,
                type,
                key.suite().code(),
                instance,
                key.spi(),
                DataHeader.packetNumber(lane, peer.outbound(lane).nextCount()));
        peer.outbound(lane).used(1);
        sealed++;
        OffHeap.copy(
                wrapped, datagram + DataHeader.WRAPPED_KEY_OFFSET, key.suite().keyBytes());
        PacketCipher cipher = ciphers.of(key.suite());
        long plaintext = packet - DataHeader.INNER_WORD_BYTES;
        run.add(cipher.seal(trafficKey, datagram, plaintext, bytes + DataHeader.INNER_WORD_BYTES), savedBytes);
    }

    // To groups

    /**
     * Packets that the LAN thread has found to be for a group, each sealed for every member under the pair's own keys. Outside they may be
     * fragmented: who sends to a group is told of no path's MTU.
     */
    private void sealForGroups(GroupRing ring, Snapshot snapshot) {
        run.send(); // sealed before, and not to be fragmented
        link.fragmentation(Fragmentation.ANYWHERE);
        for (int i = 0; i < GroupRing.SLOTS; i++) {
            GroupRing.Slot slot = ring.peek();
            if (slot == null) {
                break;
            }
            Group group = slot.group();
            for (int m = 0; group != null && m < group.members().size(); m++) {
                sealForMember(group.members().get(m), slot.packet(), slot.bytes(), snapshot);
                run.send(); // a train of datagrams cannot be fragmented
            }
            ring.release(slot);
        }
        link.fragmentation(published.fragmentation());
    }

    private void sealForMember(Peer member, long packet, int bytes, Snapshot snapshot) {
        int number = snapshot.peers().indexOf(member);
        if (number < 0) {
            return; // no peer any more
        }
        Endpoint endpoint = member.endpoint();
        SendKey key = snapshot.sendKey(number, SkipTime.hour(ticks));
        if (endpoint == null || key == null) {
            member.counters().drop(lane, endpoint == null ? DropReason.TX_NO_ENDPOINT : DropReason.TX_NO_KEYS, 1);
            return;
        }
        PacketRing capture = tap.ring();
        if (capture != null) {
            capture.add(member, ticks, packet, bytes);
        }
        int version = OffHeap.u8(packet) >>> 4;
        int kind = version == 4 ? InnerWord.KIND_IPV4 : InnerWord.KIND_IPV6;
        outerClass = TrafficClass.outer(packet, version, dscp);
        nextKey = 0;
        drawnKeys = 0;
        int word = InnerWord.of(SkipTime.timeInHour(ticks), false, kind);
        sealSegment(member, endpoint, key, packet, bytes, word, 1);
    }

    /** Keys are drawn for packets at hand only and forgotten with the batch: a restored VM snapshot must not repeat them. */
    private void draw(Peer peer, SendKey key, int expected) {
        drawnKeys = Math.min(Math.max(expected, 1), MAX_KEYS);
        nextKey = 0;
        keys.draw(
                key.encryption().of(lane),
                key.suite().keyBytes(),
                instance,
                DataHeader.packetNumber(lane, peer.outbound(lane).nextCount()),
                drawnKeys);
    }

    private KeptKey keptKey(Peer peer, SendKey key, int innerBytes) {
        @Nullable KeptKey known = keptKeys.get(peer);
        KeptKey kept = known;
        if (kept == null) {
            kept = new KeptKey();
            keptKeys.put(peer, kept);
        }
        long nowNs = clock.nanoTime();
        if (!kept.serves(key, instance, innerBytes, nowNs)) {
            draw(peer, key, 1);
            kept.take(keys, key, instance, nowNs);
        }
        kept.used(innerBytes);
        return kept;
    }

    /** After {@link #run} has returned. */
    @Override
    public void close() {
        keptKeys.values().forEach(KeptKey::close);
        held.close();
        keys.close();
        run.close();
        if (control != null) {
            control.close();
        }
        readArea.close();
        if (compressor != null) {
            compressor.close();
        }
        ciphers.close();
    }
}
