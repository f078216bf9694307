package org.culvert.core.flow;

import org.culvert.core.group.Group;
import org.culvert.core.group.GroupDrop;
import org.culvert.core.group.Returned;
import org.culvert.core.packet.Checksum;
import org.culvert.core.packet.GroupPacket;
import org.culvert.core.packet.IpPacket;
import org.culvert.core.packet.Segmenter;
import org.culvert.core.peer.Snapshot;
import org.culvert.tun.LanLink;
import org.culvert.tun.Tun;
import org.culvert.tun.memory.Region;
import org.jspecify.annotations.Nullable;

/**
 * The LAN's side of multicast groups, apart from the unicast path. One thread; the methods stand in the order in which a packet passes
 * them, first from the LAN, then to it:
 *
 * <ol>
 *   <li>{@link #read}: what a host sent to a group, cut into segments where the kernel hands them over joined, checksums finished
 *   <li>{@link #check}: its source is ours, it is not about this link, it has a hop to give, it does not come back, the rate allows it
 *   <li>the ring to Outbound, which alone gives out packet numbers and seals it for each member
 *   <li>{@link #emit}: what Inbound found to be from a member goes out on the LAN as it is, with its source
 * </ol>
 *
 * Nothing that came from a peer is ever given to a peer: the two ways have nothing in common but this thread.
 */
public final class LanFlow implements AutoCloseable {
    /** Packets of each direction before the other one is looked at. */
    private static final int TURN = 64;

    private final GroupExchange exchange;
    private final Published published;
    private final Clock clock;
    private final Segmenter segmenter = new Segmenter();
    private final Returned returned = new Returned();
    private final Region readArea = new Region(LanLink.READ_BYTES);
    private LanLink link;
    private volatile boolean stopping;

    public LanFlow(GroupExchange exchange, Published published, Clock clock) {
        this.exchange = exchange;
        this.published = published;
        this.clock = clock;
        this.link = exchange.link();
    }

    /** The thread's whole life: until {@link #stop}. */
    public void run() {
        while (!stopping) {
            if (!runOnce() && !stopping) {
                link.awaitReadable(-1);
            }
        }
    }

    /** Any thread. */
    public void stop() {
        stopping = true;
        exchange.link().wake();
    }

    /** A turn of each direction. @return false when there was nothing to do */
    public boolean runOnce() {
        LanLink left = exchange.left();
        if (left != null) {
            link = exchange.link();
            left.close();
        }
        boolean heard = fromLan();
        boolean spoke = toLan();
        return heard || spoke;
    }

    // From the LAN

    private boolean fromLan() {
        Snapshot snapshot = published.current();
        int count = 0;
        boolean offered = false;
        for (; count < TURN; count++) {
            int bytes = link.read(readArea.address());
            if (bytes < 0) {
                break;
            }
            offered |= read(readArea.address() + link.packetOffset(), bytes, snapshot);
        }
        if (offered) {
            exchange.wakeOutbound();
        }
        return count > 0;
    }

    /** @return true when something went to Outbound */
    private boolean read(long header, int bytes, Snapshot snapshot) {
        long packet = header + Tun.VNET_HEADER_BYTES;
        int packetBytes = GroupPacket.bytes(packet, bytes - Tun.VNET_HEADER_BYTES);
        int version = IpPacket.check(packet, packetBytes);
        if (version < 0) {
            return false; // no address to count it at
        }
        Group group = exchange.table()
                .find(IpPacket.destinationHigh(packet, version), IpPacket.destinationLow(packet, version));
        if (group == null) {
            return false; // of before the last change
        }
        int segments = segmenter.begin(header, packetBytes + Tun.VNET_HEADER_BYTES);
        if (segments < 1) {
            group.counters().drop(GroupDrop.MALFORMED);
            return false;
        }
        boolean offered = false;
        for (int i = 0; i < segments; i++) {
            long segment = segmenter.segment(i);
            int segmentBytes = segmenter.segmentBytes();
            if (segmenter.partial()) {
                Checksum.finish(segment, segmentBytes, IpPacket.transport(segment, segmentBytes, version));
            }
            GroupDrop why = check(group, segment, segmentBytes, version, snapshot);
            if (why == null) {
                why = handOn(group, segment, segmentBytes, version);
            }
            if (why == null) {
                offered = true;
            } else {
                group.counters().drop(why);
            }
        }
        return offered;
    }

    /** @return null when the packet may go to the members */
    private @Nullable GroupDrop check(Group group, long packet, int bytes, int version, Snapshot snapshot) {
        int source = snapshot.ownNetworks()
                .lookup(IpPacket.sourceHigh(packet, version), IpPacket.sourceLow(packet, version));
        if (source != Snapshot.OWN) {
            return GroupDrop.SOURCE;
        }
        if (GroupPacket.isOfLink(packet, bytes, version)) {
            return GroupDrop.LOCAL;
        }
        if (!group.linkLocal() && !GroupPacket.mayHop(packet, version)) {
            return GroupDrop.TTL;
        }
        long nowNs = clock.nanoTime();
        if (returned.isBack(packet, bytes, version, link.sender(), nowNs)) {
            return GroupDrop.RETURNED;
        }
        return group.toMembers().take(nowNs) ? null : GroupDrop.RATE_OUT;
    }

    private @Nullable GroupDrop handOn(Group group, long packet, int bytes, int version) {
        GroupRing.Slot slot = exchange.toPeers().claim(group, packet, bytes);
        if (slot == null) {
            return GroupDrop.FULL;
        }
        if (!group.linkLocal()) {
            GroupPacket.hop(slot.packet(), version); // not before: the next segment takes its header from this one
        }
        exchange.toPeers().offer(slot);
        group.counters().sent(bytes);
        return null;
    }

    // To the LAN

    private boolean toLan() {
        GroupRing ring = exchange.toLan();
        int count = 0;
        for (GroupRing.Slot slot = ring.peek(); slot != null && count < TURN; slot = ring.peek()) {
            Group group = slot.group();
            if (group != null) {
                emit(group, slot);
            }
            ring.release(slot);
            count++;
        }
        return count > 0;
    }

    private void emit(Group group, GroupRing.Slot slot) {
        if (!group.toLan().take(clock.nanoTime())) {
            group.counters().drop(GroupDrop.RATE_IN);
        } else if (link.send(slot.packet(), slot.bytes()) < 0) {
            group.counters().drop(GroupDrop.LAN);
        } else {
            group.counters().received(slot.bytes());
        }
    }

    /** After {@link #run} has returned. */
    @Override
    public void close() {
        link.close();
        readArea.close();
    }
}
