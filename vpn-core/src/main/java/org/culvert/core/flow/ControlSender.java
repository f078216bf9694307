package org.culvert.core.flow;

import org.culvert.core.crypto.KeyBatch;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.SendKey;
import org.culvert.core.peer.Snapshot;
import org.culvert.core.wire.ControlMessage;
import org.culvert.core.wire.DataHeader;
import org.culvert.core.wire.InnerWord;
import org.culvert.core.wire.SkipTime;
import org.culvert.tun.Endpoint;
import org.culvert.tun.Fragmentation;
import org.culvert.tun.UdpLink;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/**
 * Seals and sends what the control thread left in the ring: Outbound's part, since it alone gives out packet numbers. Of several
 * lanes only the first has one, so that the control thread knows whom to wake. Always suite 1 and
 * a fresh traffic key, whatever the peer's data travels under.
 */
final class ControlSender implements AutoCloseable {
    private static final int LANE = 0;

    private final UdpLink link;
    private final ControlRing ring;
    private final Ciphers ciphers;
    private final KeyBatch keys;
    private final Region plaintext = new Region(UdpLink.MAX_SEND_BYTES);
    private final Region datagram = new Region(UdpLink.MAX_SEND_BYTES);

    ControlSender(UdpLink link, ControlRing ring, Ciphers ciphers, KeyBatch.Random random) {
        this.link = link;
        this.ring = ring;
        this.ciphers = ciphers;
        this.keys = new KeyBatch(1, random);
    }

    boolean pending() {
        return ring.peek() != null;
    }

    /** Sends what is there and was said after this snapshot or one before it, at the wall clock that the batch has read; leaves the socket in its {@code usual} mode. */
    void send(Snapshot snapshot, long ticks, Fragmentation usual) {
        for (ControlRing.Slot slot = ring.peek();
                slot != null && slot.snapshotVersion <= snapshot.version();
                slot = ring.peek()) {
            Peer peer = slot.peer;
            if (peer != null) {
                send(slot, peer, snapshot, ticks, usual);
            }
            ring.release(slot);
        }
    }

    /** A peer that is gone or down by now, or has no endpoint or no such pair, has no need of the message. */
    private void send(ControlRing.Slot slot, Peer peer, Snapshot snapshot, long ticks, Fragmentation usual) {
        Endpoint to = slot.endpoint == null ? peer.endpoint() : slot.endpoint;
        int number = snapshot.peers().indexOf(peer);
        SendKey key = number < 0 ? null : snapshot.controlKey(number, slot.pair, SkipTime.hour(ticks));
        if (to == null || key == null) {
            return;
        }
        int bytes = seal(slot, peer, key, snapshot.instance(), ticks);
        if (slot.datagramBytes != 0) {
            link.fragmentation(Fragmentation.NEVER); // padded: the question is whether it passes whole
        }
        link.trafficClass(0);
        int result = SendRun.sendOnce(link, to, datagram.address(), bytes, bytes);
        link.fragmentation(usual);
        if (result >= 0) {
            peer.counters().controlSent(LANE, bytes);
        } else {
            peer.counters().controlUnsent(LANE);
        }
    }

    private int seal(ControlRing.Slot slot, Peer peer, SendKey key, int instance, long ticks) {
        long at = plaintext.address();
        OffHeap.putI32(at, InnerWord.of(SkipTime.timeInHour(ticks), false, InnerWord.KIND_CONTROL));
        long message = at + DataHeader.INNER_WORD_BYTES;
        OffHeap.copy(slot.message, 0, message, slot.messageBytes);
        int padded = Math.min(slot.datagramBytes, UdpLink.MAX_SEND_BYTES)
                - key.suite().overheadBytes();
        long end = ControlMessage.pad(message + slot.messageBytes, message + padded);

        long packetNumber = DataHeader.packetNumber(LANE, peer.outbound(LANE).nextCount());
        keys.draw(key.encryption().of(LANE), key.suite().keyBytes(), instance, packetNumber, 1);
        DataHeader.write(
                datagram.address(), DataHeader.TYPE_PACKET_KEY, key.suite().code(), instance, key.spi(), packetNumber);
        peer.outbound(LANE).used(1);
        OffHeap.copy(
                keys.wrapped(0),
                datagram.address() + DataHeader.WRAPPED_KEY_OFFSET,
                key.suite().keyBytes());
        int bytes = ciphers.of(key.suite()).seal(keys.packetKey(0), datagram.address(), at, (int) (end - at));
        keys.clear(); // the next message may be for another peer, and an hour away
        return bytes;
    }

    @Override
    public void close() {
        keys.close();
        plaintext.close();
        datagram.close();
    }
}
