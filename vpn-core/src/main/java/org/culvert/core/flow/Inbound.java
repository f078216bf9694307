package org.culvert.core.flow;

import java.util.Map;
import org.culvert.core.compress.Decompressor;
import org.culvert.core.crypto.CipherBackend;
import org.culvert.core.crypto.KeyBatch;
import org.culvert.core.crypto.Suite;
import org.culvert.core.group.Group;
import org.culvert.core.packet.Coalescer;
import org.culvert.core.packet.FlowHash;
import org.culvert.core.packet.IpPacket;
import org.culvert.core.packet.MssClamp;
import org.culvert.core.packet.TrafficClass;
import org.culvert.core.peer.Admits;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.Counters;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.ReceiveKey;
import org.culvert.core.peer.RefusedPackets;
import org.culvert.core.peer.SendKey;
import org.culvert.core.peer.Snapshot;
import org.culvert.core.peer.SpiTable;
import org.culvert.core.policy.Direction;
import org.culvert.core.policy.PolicyCheck;
import org.culvert.core.replay.PeerReplay;
import org.culvert.core.wire.ControlMessage;
import org.culvert.core.wire.DataHeader;
import org.culvert.core.wire.DiscoveryMessage;
import org.culvert.core.wire.DropReason;
import org.culvert.core.wire.InnerWord;
import org.culvert.core.wire.Refusal;
import org.culvert.core.wire.SkipTime;
import org.culvert.tun.Datagrams;
import org.culvert.tun.Endpoint;
import org.culvert.tun.Tun;
import org.culvert.tun.UdpLink;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.jspecify.annotations.Nullable;

/**
 * From UDP to TUN, in one {@link Lane}. One thread, run to completion; the methods stand in the order in which a packet passes them, which is design.md
 * section 4: cheap checks first, nothing marked before the packet has opened, each drop counted once.
 *
 * <ol>
 *   <li>{@link #runOnce}: one receive, up to 64 datagrams of one sender
 *   <li>{@link #check}: length, version, type, SPI, suite, window peek; neighbours under one key form a run
 *   <li>{@link #openRun}: keys unwrapped in one call; then each packet: {@link #open}, {@link #accept} (time, window, endpoint),
 *       {@link #deliver} (inner header, source and destination, rules) or, for what the peer's gateway itself has to say, {@link #takeControl}.
 *       What is for a multicast group goes to the LAN thread: {@link #handToGroup}
 *   <li>{@link Coalescer}: neighbours of one flow become one super-packet, one write to the TUN
 * </ol>
 *
 * Nothing is answered here, and nothing a stranger sends costs more than two AES blocks and one tag.
 */
public final class Inbound implements AutoCloseable {
    /** One receive: at most 64 KiB of datagrams. */
    private static final int RECEIVE_BYTES = 65_536;

    /** Datagrams in one receive at most: UDP_GRO joins up to 64 (UDP_GRO_CNT_MAX), and the kernel may raise that to 128. */
    private static final int MAX_DATAGRAMS = 128;

    /** Each opened packet starts on its own cache line. */
    private static final int ALIGNMENT = 64;

    private static final int IOVEC_BYTES = 16;

    /** A look that turns to a pair takes a fraction of a millisecond; the rest is for a machine on which it has to wait for a CPU. */
    private static final long KEYS_TO_ANSWER_NS = 100_000_000;

    private static final int OPENED_BYTES = RECEIVE_BYTES + MAX_DATAGRAMS * 2 * ALIGNMENT;

    private final int lane;
    private final Tun[] queues;
    private final UdpLink link;
    private final Published published;
    private final Published.Use use;
    private final Clock clock;
    private final Counters unknown;
    private final Ciphers ciphers;
    private final KeyBatch keys;
    private final Coalescer coalescer;
    private final boolean vnetHeader;
    private final PolicyCheck policyCheck = new PolicyCheck(Direction.INBOUND);
    private final StrangeHours strangeHours;
    private final Datagrams datagrams = new Datagrams();
    private final Region received = new Region(RECEIVE_BYTES);
    private final Region opened = new Region(OPENED_BYTES);

    private final long[] runAddress = new long[MAX_DATAGRAMS];
    private final int[] runBytes = new int[MAX_DATAGRAMS];

    /** Of this batch. */
    private Snapshot snapshot;

    private long nowTicks;
    private long nowNs;
    private long openedEnd;
    private int rememberedHour;

    /** Where this batch is copied to while somebody captures. */
    private @Nullable PacketRing capture;

    /** Where packets of this batch wait for the LAN thread. */
    private @Nullable GroupExchange forGroups;

    private @Nullable Decompressor decompressor;

    /** The packet that {@link #deliver} looked at last: for whoever has to say why it was refused. */
    private long looked;

    private int lookedBytes;

    /** Whose packets wait in the coalescer. */
    private @Nullable Peer writing;

    private final PacketCost cost = new PacketCost();
    private final Tap tap = new Tap();

    private volatile boolean stopping;
    private volatile int failure;

    /**
     * @param unknown counts what can be attributed to no peer
     * @param random never drawn from here; what a key batch needs
     */
    public Inbound(
            Lane lane,
            Published published,
            Clock clock,
            Map<Suite, CipherBackend> backends,
            Counters unknown,
            KeyBatch.Random random) {
        this.lane = lane.number();
        this.queues = lane.queues().toArray(Tun[]::new);
        this.vnetHeader = lane.tun().vnetHeader();
        this.link = lane.link();
        this.published = published;
        this.use = published.use();
        this.clock = clock;
        this.unknown = unknown;
        this.keys = new KeyBatch(MAX_DATAGRAMS, random);
        this.snapshot = published.current();
        this.coalescer = new Coalescer(this::write, vnetHeader, lane.tun().udpSegments());
        this.ciphers = new Ciphers(backends);
        this.strangeHours = new StrangeHours(ciphers, random);
    }

    /** The thread's whole life: until {@link #stop} or until the TUN is gone. */
    public void run() {
        try {
            while (!stopping) {
                if (!runOnce() && !stopping) {
                    link.awaitReadable(-1);
                }
            }
        } finally {
            use.end();
        }
    }

    /** Any thread. Datagrams already received are still delivered. */
    public void stop() {
        stopping = true;
        link.wake();
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

    // 1. Receive

    /** One batch. @return false when there was nothing to do */
    public boolean runOnce() {
        int bytes = link.receive(received.address(), RECEIVE_BYTES, datagrams);
        takeSnapshot(); // after it: what answers a message of ours comes under keys published before that
        forgetHoursThatAreOver();
        if (bytes < 0) {
            cost.waits(clock);
            return false; // EAGAIN, or an error queued on the socket that receiving has just cleared
        }
        nowTicks = clock.ticks();
        nowNs = clock.nanoTime();
        cost.batchBegins(nowNs);
        openedEnd = opened.address();
        if (decompressor != null) {
            decompressor.reset();
        }
        capture = tap.ring();
        policyCheck.begin(snapshot.policy(), nowNs);
        checkAll(bytes);
        coalescer.flush();
        writing = null;
        if (forGroups != null) {
            forGroups.wakeLan();
            forGroups = null;
        }
        cost.batchHad((bytes + step() - 1) / step());
        return true;
    }

    /** A pair that is gone from it leaves no traffic key behind, nor a packet key. */
    private void takeSnapshot() {
        long seenVersion = snapshot.version();
        snapshot = use.snapshot();
        if (snapshot.version() != seenVersion) {
            keys.clear();
            ciphers.forget();
        }
    }

    /** Bytes from one datagram of the batch to the next. */
    private int step() {
        return Math.max(1, datagrams.segmentBytes);
    }

    /** When the hour turns, the replay windows of hours whose keys are gone go too; their floor stays. */
    private void forgetHoursThatAreOver() {
        if (snapshot.centreHour() == rememberedHour) {
            return;
        }
        rememberedHour = snapshot.centreHour();
        long firstTicks = (rememberedHour - Snapshot.HOURS_AROUND) * (long) SkipTime.TICKS_PER_HOUR;
        for (int i = 0; i < snapshot.peers().size(); i++) {
            snapshot.peers().get(i).replay().forgetBefore(firstTicks);
            snapshot.peers().get(i).epochReplay().forgetBefore(firstTicks);
        }
    }

    // 2. Check

    @SuppressWarnings("ReferenceEquality") // the very same key, or another run
    private void checkAll(int bytes) {
        int step = step();
        ReceiveKey runKey = null;
        int count = 0;
        for (int at = 0; at == 0 || at < bytes; at += step) {
            long datagram = received.address() + at;
            int length = Math.min(step, bytes - at);
            ReceiveKey key = check(datagram, length);
            if (runKey != null && (key != runKey || count == MAX_DATAGRAMS)) {
                openRun(runKey, count);
                count = 0;
            }
            runKey = key;
            if (key != null) {
                runAddress[count] = datagram;
                runBytes[count] = length;
                count++;
            }
        }
        if (runKey != null) {
            openRun(runKey, count);
        }
    }

    /** @return the one key that may open the datagram, or null: then it was counted, or tried under several candidates */
    private @Nullable ReceiveKey check(long datagram, int bytes) {
        if (bytes < DataHeader.BASE_BYTES) {
            return refuse(DropReason.SHORT);
        }
        if (DataHeader.version(datagram) != DataHeader.VERSION) {
            return refuse(DropReason.VERSION);
        }
        int type = DataHeader.type(datagram);
        if (type == DiscoveryMessage.TYPE_REQUEST || type == DiscoveryMessage.TYPE_REPLY) {
            return handToDiscovery(datagram, bytes);
        }
        if (type != DataHeader.TYPE_PACKET_KEY && type != DataHeader.TYPE_KEPT_KEY) {
            return refuse(DropReason.TYPE);
        }
        int spi = DataHeader.spi(datagram);
        SpiTable<ReceiveKey> table = snapshot.receiveKeys();
        int slot = table.first(spi);
        if (slot < 0) {
            strangeHours.look(snapshot, datagram, bytes, nowTicks, nowNs, openedEnd);
            if (published.strangeSpi().see(datagrams, bytes, nowNs)) {
                published.controlArrived().ring();
            }
            return refuse(DropReason.UNKNOWN_SPI);
        }
        if (table.after(slot, spi) >= 0) {
            tryEach(table, slot, datagram, bytes);
            return null;
        }
        ReceiveKey key = table.at(slot);
        DropReason reason = checkKey(key, datagram, bytes);
        if (reason != null) {
            key.peer().counters().drop(lane, reason, 1);
            return null;
        }
        return key;
    }

    /** Not a packet and of nobody known: copied for the thread that asks for certificates and answers who asks, whatever it says. */
    private @Nullable ReceiveKey handToDiscovery(long datagram, int bytes) {
        if (bytes > DiscoveryMessage.MAX_BYTES) {
            return refuse(DropReason.DISCOVERY_MALFORMED);
        }
        ControlRing.Slot slot = published.discoveryReceived().claim();
        if (slot == null) {
            return refuse(DropReason.DISCOVERY_BUSY);
        }
        OffHeap.copy(datagram, slot.message, 0, bytes);
        slot.messageBytes = bytes;
        slot.endpoint = datagrams.endpoint();
        published.discoveryReceived().offer(slot);
        published.discoveryArrived().ring();
        return null;
    }

    private @Nullable ReceiveKey refuse(DropReason reason) {
        unknown.drop(lane, reason, 1);
        return null;
    }

    /** What can be said of a datagram and a candidate key before any cryptography. */
    private @Nullable DropReason checkKey(ReceiveKey key, long datagram, int bytes) {
        if (Math.abs(key.hour() - SkipTime.hour(nowTicks)) > Snapshot.HOURS_AROUND) {
            return DropReason.UNKNOWN_SPI; // the table is older than the reading of the clock
        }
        if (DataHeader.suite(datagram) != key.suite().code()) {
            return DropReason.SUITE;
        }
        if (bytes < key.suite().overheadBytes()) {
            return DropReason.SHORT;
        }
        if (key.admits() == Admits.ANNOUNCEMENTS) {
            return null; // whoever has the static keys must not be able to close a window
        }
        PeerReplay.Verdict verdict =
                key.replay().peek(DataHeader.instance(datagram), DataHeader.packetNumber(datagram));
        return verdict == PeerReplay.Verdict.FRESH ? null : DropReason.REPLAY;
    }

    /** Several keys share this SPI (once in billions): every step for each, and only the last one's failure counts. */
    private void tryEach(SpiTable<ReceiveKey> table, int first, long datagram, int bytes) {
        int spi = DataHeader.spi(datagram);
        for (int slot = first; slot >= 0; slot = table.after(slot, spi)) {
            ReceiveKey key = table.at(slot);
            DropReason reason = checkKey(key, datagram, bytes);
            if (reason == null) {
                keys.clear();
                addKey(datagram);
                keys.unwrap(key.encryption().of(lane), key.suite().keyBytes());
                reason = open(key, 0, datagram, bytes);
            }
            if (reason == null) {
                return;
            }
            if (table.after(slot, spi) < 0) {
                key.peer().counters().drop(lane, reason, 1);
            }
        }
    }

    // 3. Open

    private void openRun(ReceiveKey key, int count) {
        keys.clear();
        for (int i = 0; i < count; i++) {
            addKey(runAddress[i]);
        }
        keys.unwrap(key.encryption().of(lane), key.suite().keyBytes());
        for (int i = 0; i < count; i++) {
            DropReason reason = open(key, i, runAddress[i], runBytes[i]);
            if (reason != null) {
                key.peer().counters().drop(lane, reason, 1);
                note(key, reason, runAddress[i]);
            }
        }
    }

    /** The packet opened and is refused: the control thread will say so to its sender, who can do something about it. */
    private void note(ReceiveKey key, DropReason reason, long datagram) {
        Refusal refusal = switch (reason) {
            case SUITE -> Refusal.SUITE;
            case INNER_SOURCE -> Refusal.INNER_SOURCE;
            case NOT_FOR_US -> Refusal.NOT_FOR_US;
            case POLICY_IN -> Refusal.POLICY;
            case COMPRESSED -> Refusal.COMPRESSED;
            case NOT_A_MEMBER -> Refusal.NOT_A_MEMBER;
            case NO_FORWARD_SECRECY -> Refusal.NO_FORWARD_SECRECY;
            default -> null;
        };
        RefusedPackets refused = key.peer().refused();
        if (refusal == null || !refused.wants(refusal)) {
            return;
        }
        switch (refusal) { // of these no packet was looked at
            case SUITE -> refused.note(refusal, DataHeader.suite(datagram), 0, 0, 0, 0);
            case NO_FORWARD_SECRECY -> refused.note(refusal, 0, 0, 0, 0, 0);
            case COMPRESSED -> {
                boolean off = !key.peer().compresses();
                refused.note(refusal, off ? Refusal.COMPRESSION_OFF : Refusal.NOT_UNPACKED, 0, 0, 0, 0);
            }
            default -> notePacket(refused, refusal);
        }
    }

    /** With what {@link #deliver} looked at. */
    private void notePacket(RefusedPackets refused, Refusal refusal) {
        long packet = looked;
        int version = OffHeap.u8(packet) >>> 4; // it passed deliver's check
        long transport = IpPacket.transport(packet, lookedBytes, version);
        int port = transport == 0 ? 0 : OffHeap.u16(packet + IpPacket.start(transport) + 2);
        refused.note(
                refusal,
                protocol(packet, version) << 16 | port,
                IpPacket.sourceHigh(packet, version),
                IpPacket.sourceLow(packet, version),
                IpPacket.destinationHigh(packet, version),
                IpPacket.destinationLow(packet, version));
    }

    private static long protocol(long packet, int version) {
        return OffHeap.u8(packet + (version == 4 ? 9 : 6));
    }

    private void addKey(long datagram) {
        keys.add(
                datagram + DataHeader.WRAPPED_KEY_OFFSET,
                DataHeader.instance(datagram),
                DataHeader.packetNumber(datagram),
                DataHeader.type(datagram) == DataHeader.TYPE_KEPT_KEY);
    }

    /** @return null when the packet was delivered, else why not */
    private @Nullable DropReason open(ReceiveKey key, int i, long datagram, int bytes) {
        long plaintext = openedEnd;
        int length = ciphers.of(key.suite()).open(keys.packetKey(i), datagram, bytes, plaintext);
        if (length < 0) {
            return DropReason.AUTH;
        }
        int word = OffHeap.i32(plaintext);
        long packet = plaintext + DataHeader.INNER_WORD_BYTES;
        int packetBytes = length - DataHeader.INNER_WORD_BYTES;
        if (key.admits() == Admits.ANNOUNCEMENTS) {
            return takeAnnouncement(key, packet, packetBytes, bytes, word);
        }
        DropReason reason = accept(key, datagram, word);
        if (reason != null) {
            return reason;
        }
        if (InnerWord.kind(word) == InnerWord.KIND_CONTROL) {
            return takeControl(key, packet, packetBytes, bytes, word);
        }
        if (key.admits() != Admits.ALL) {
            return DropReason.SUITE;
        }
        if (key.pair().dataAt(nowNs)) {
            long looks = published.looksBegun();
            tellHeard(key.peer());
            awaitKeysToAnswer(key, looks);
        }
        key.peer().counters().opened(lane, bytes);
        if (InnerWord.compressed(word)) {
            return deliverUnpacked(key.peer(), packet, packetBytes, word);
        }
        reason = deliver(key.peer(), packet, packetBytes, word);
        if (reason == null) {
            openedEnd = (packet + packetBytes + DataHeader.TAG_BYTES + ALIGNMENT - 1) & -ALIGNMENT;
        }
        return reason;
    }

    /** Only from whom we would send so: what a peer may make us compute is what was agreed on. */
    private @Nullable DropReason deliverUnpacked(Peer peer, long compressed, int bytes, int word) {
        if (!peer.compresses()) {
            return DropReason.COMPRESSED;
        }
        Decompressor unpacking = decompressor();
        if (!unpacking.hasRoom()) {
            coalescer.flush(); // what it has kept lies there
            unpacking.reset();
        }
        long packet = unpacking.next();
        int packetBytes = unpacking.decompress(compressed, bytes);
        return packetBytes < 0
                ? DropReason.COMPRESSED
                : deliver(peer, packet, packetBytes, word & ~InnerWord.COMPRESSED);
    }

    /** Made with the first packet that needs it. */
    private Decompressor decompressor() {
        Decompressor made = decompressor;
        if (made == null) {
            made = new Decompressor();
            decompressor = made;
        }
        return made;
    }

    /** The packet is authentic. Is it new? */
    private @Nullable DropReason accept(ReceiveKey key, long datagram, int word) {
        int time = InnerWord.time(word);
        if (time >= SkipTime.TICKS_PER_HOUR) {
            return DropReason.TIME;
        }
        Peer peer = key.peer();
        int instance = DataHeader.instance(datagram);
        long packetNumber = DataHeader.packetNumber(datagram);
        long senderTicks = key.hour() * (long) SkipTime.TICKS_PER_HOUR + time;
        boolean moves = cameFromElsewhere(peer) && key.replay().isNewest(instance, packetNumber, senderTicks);
        PeerReplay.Verdict verdict = key.replay().accept(instance, packetNumber, senderTicks, nowNs);
        switch (verdict) {
            case FRESH -> {}
            case REPLAY -> {
                return DropReason.REPLAY;
            }
            case LATE -> {
                return DropReason.LATE;
            }
            case BEFORE_FLOOR -> {
                peer.refusedSkew(senderTicks - nowTicks);
                return DropReason.BEFORE_FLOOR;
            }
        }
        peer.receivedAt(nowNs);
        peer.skew().record(senderTicks - nowTicks, nowNs);
        if (moves && mayBeEndpoint(datagrams.remoteHigh, datagrams.remoteLow)) {
            peer.follow(datagrams.endpoint(), senderTicks);
        }
        if (queues.length > 1 && Lane.socket(datagram, queues.length) != lane) {
            peer.counters().strayed(lane);
        }
        return null;
    }

    private boolean cameFromElsewhere(Peer peer) {
        Endpoint known = peer.endpoint();
        return datagrams.remotePort != 0 && (known == null || !(datagrams.sameRemote(known) || peer.isHeld(nowNs)));
    }

    /**
     * Where a peer's newest packet came from its packets go (design.md section 4). Not into our own TUN (the packets would come back to
     * us), not to ourselves, not to many.
     */
    private boolean mayBeEndpoint(long high, long low) {
        int route = snapshot.routes().lookup(high, low);
        return route != Snapshot.NEVER
                && !Snapshot.isPeer(route)
                && snapshot.localAddresses().lookup(high, low) != Snapshot.OWN;
    }

    /** From gateway to gateway: into the peer's ring for the control thread, which may be slower than the peer. */
    private @Nullable DropReason takeControl(ReceiveKey key, long message, int bytes, int datagramBytes, int word) {
        Peer peer = key.peer();
        if (key.suite() != Suite.CONTROL || !ControlMessage.readable(message, bytes)) {
            return DropReason.CONTROL_UNEXPECTED;
        }
        if (key.pair().heardAt(nowNs)) {
            tellHeard(peer);
        }
        return handOver(peer.controlReceived(), key, message, bytes, datagramBytes, word);
    }

    /**
     * Under static keys, of a peer whose data goes under others: no packet is taken, and a message marks, moves and proves nothing. It may
     * lead to a pair that does.
     */
    private @Nullable DropReason takeAnnouncement(
            ReceiveKey key, long message, int bytes, int datagramBytes, int word) {
        if (InnerWord.kind(word) != InnerWord.KIND_CONTROL) {
            return DropReason.NO_FORWARD_SECRECY;
        }
        if (key.suite() != Suite.CONTROL || !ControlMessage.readable(message, bytes)) {
            return DropReason.CONTROL_UNEXPECTED;
        }
        return handOver(key.peer().announcementsReceived(), key, message, bytes, datagramBytes, word);
    }

    /** The control thread is to look what this is the first of. */
    private void tellHeard(Peer peer) {
        peer.pairHeard();
        published.controlArrived().ring();
    }

    /**
     * Once in the life of an epoch pair, and not for long: until the control thread has looked whether Outbound is to have it too. A peer
     * that started anew no longer opens what went under the old one, and a LAN may answer faster than the control thread has turned to
     * the new one. While Outbound has no keys at all it holds answers back, and nothing needs to wait here.
     */
    @SuppressWarnings("ReferenceEquality") // the very same pair
    private void awaitKeysToAnswer(ReceiveKey key, long looks) {
        int number = snapshot.peers().indexOf(key.peer());
        SendKey sending = number < 0 ? null : snapshot.sendKey(number, SkipTime.hour(nowTicks));
        if (key.pair().isEpoch() && sending != null && sending.pair() != key.pair()) {
            published.awaitLook(looks, snapshot, KEYS_TO_ANSWER_NS);
        }
    }

    private @Nullable DropReason handOver(
            ControlRing ring, ReceiveKey key, long message, int bytes, int datagramBytes, int word) {
        Peer peer = key.peer();
        ControlRing.Slot slot = ring.claim();
        if (slot == null) {
            return DropReason.CONTROL_FULL;
        }
        slot.pair = key.pair();
        slot.messageBytes = ControlMessage.meaningfulBytes(message, bytes);
        OffHeap.copy(message, slot.message, 0, slot.messageBytes);
        slot.datagramBytes = datagramBytes;
        Endpoint known = peer.endpoint();
        slot.endpoint = known != null && datagrams.sameRemote(known) ? known : datagrams.endpoint();
        slot.senderTicks = SkipTime.ticks(key.hour(), InnerWord.time(word));
        slot.receivedTicks = nowTicks;
        slot.receivedNs = nowNs;
        ring.offer(slot);
        peer.counters().controlReceived(lane, datagramBytes);
        published.controlArrived().ring();
        return null;
    }

    /** The packet is authentic and new. Is it one its sender may send, to somebody here? */
    private @Nullable DropReason deliver(Peer peer, long packet, int bytes, int word) {
        looked = packet;
        lookedBytes = bytes;
        int kind = InnerWord.kind(word);
        int version = IpPacket.check(packet, bytes);
        if (version == IpPacket.INNER_LENGTH) {
            return DropReason.INNER_LENGTH;
        }
        if (version != (kind == InnerWord.KIND_IPV4 ? 4 : kind == InnerWord.KIND_IPV6 ? 6 : 0)) {
            return DropReason.INNER_VERSION;
        }
        boolean partial = InnerWord.partial(word);
        long transport = IpPacket.transport(packet, bytes, version);
        if (partial && transport == 0) {
            return DropReason.BAD_PARTIAL;
        }
        int source =
                snapshot.routes().lookup(IpPacket.sourceHigh(packet, version), IpPacket.sourceLow(packet, version));
        if (!Snapshot.isPeer(source) || snapshot.peers().get(source) != peer) {
            return DropReason.INNER_SOURCE;
        }
        int destination = snapshot.routes()
                .lookup(IpPacket.destinationHigh(packet, version), IpPacket.destinationLow(packet, version));
        if (destination == Snapshot.NEVER) {
            return handToGroup(peer, packet, bytes, version, partial ? transport : 0);
        }
        boolean ours = destination == Snapshot.OWN
                || (snapshot.transit() && Snapshot.isPeer(destination) && destination != source);
        if (!ours) {
            return DropReason.NOT_FOR_US;
        }
        if (!policyCheck.permits(packet, bytes, version, source, destination)) {
            return DropReason.POLICY_IN;
        }
        if (!handsMarkOn(packet, version)) {
            return DropReason.CONGESTION;
        }
        MssClamp.apply(packet, bytes, transport, version, partial, peer.mtuBytes());
        if (writing != peer) {
            coalescer.flush();
            writing = peer;
        }
        coalescer.add(packet, bytes, version, partial, transport);
        return null;
    }

    /** What routers on the way had to say goes to the packet. @return false: it cannot hold that, and nobody may lose it */
    private boolean handsMarkOn(long packet, int version) {
        int outer = datagrams.trafficClass;
        return !TrafficClass.marked(outer) || TrafficClass.handOn(packet, version, outer);
    }

    /** Multicast, and its sender may send from this source: to the LAN if it is a member, and nowhere else. */
    private @Nullable DropReason handToGroup(Peer peer, long packet, int bytes, int version, long partialTransport) {
        GroupExchange groups = published.groups();
        Group group = groups == null
                ? null
                : groups.table()
                        .find(IpPacket.destinationHigh(packet, version), IpPacket.destinationLow(packet, version));
        if (groups == null || group == null) {
            return DropReason.NOT_FOR_US;
        }
        if (!group.hasMember(peer)) {
            return DropReason.NOT_A_MEMBER;
        }
        if (!handsMarkOn(packet, version)) {
            return DropReason.CONGESTION;
        }
        if (!groups.offerToLan(group, packet, bytes, partialTransport)) {
            return DropReason.GROUP_FULL;
        }
        if (capture != null) {
            capture.add(peer, nowTicks, packet, bytes);
        }
        peer.counters().received(lane, 1, bytes);
        forGroups = groups;
        return null;
    }

    // 4. Write

    /** The coalescer's sink: one super-packet, or one packet. */
    private void write(long iovecs, int count, int packetBytes, int packets) {
        Peer peer = writing;
        if (peer == null) {
            throw new IllegalStateException("the coalescer kept a packet across batches");
        }
        if (capture != null) {
            capture.add(peer, nowTicks, iovecs, count, vnetHeader ? Tun.VNET_HEADER_BYTES : 0);
        }
        int result = queue(iovecs).write(iovecs, count);
        if (result >= 0) {
            peer.counters().received(lane, packets, packetBytes);
        } else {
            peer.counters().drop(lane, DropReason.TUN_WRITE, packets);
            failure = TunErrors.fatal(-result) ? -result : 0;
            stopping |= failure != 0;
        }
    }

    /**
     * The kernel sends what answers a packet through the queue that the packet was written to (tun_flow_update in drivers/net/tun.c).
     * Written to any other than the flow's, packets would pull the flow from queue to queue.
     */
    private Tun queue(long iovecs) {
        if (queues.length == 1) {
            return queues[0];
        }
        long first = iovecs + (vnetHeader ? IOVEC_BYTES : 0);
        int bytes = (int) OffHeap.nativeI64(first + Long.BYTES);
        return queues[FlowHash.queue(OffHeap.nativeI64(first), bytes, queues.length)];
    }

    /** After {@link #run} has returned. */
    @Override
    public void close() {
        keys.close();
        strangeHours.close();
        coalescer.close();
        received.close();
        opened.close();
        if (decompressor != null) {
            decompressor.close();
        }
        ciphers.close();
    }
}
