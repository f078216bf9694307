package org.culvert.core.flow;

import org.culvert.core.peer.Peer;
import org.culvert.core.wire.DropReason;
import org.culvert.tun.Endpoint;
import org.culvert.tun.Errno;
import org.culvert.tun.UdpLink;
import org.culvert.tun.memory.Region;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams of one size for one peer, laid end to end so that one sendmsg with UDP_SEGMENT carries them all; a smaller one may
 * only come last (the kernel's rule). Outbound thread, which may go on with a run in its next batch.
 */
final class SendRun implements AutoCloseable {
    /** How long a full socket buffer may hold up the thread; then packets are dropped, as a router would. */
    private static final int BUSY_WAIT_MS = 20;

    private final Region memory = new Region(UdpLink.MAX_SEND_BYTES);
    private final int[] saved = new int[UdpLink.MAX_SEGMENTS];
    private final int lane;
    private final UdpLink link;
    private @Nullable Peer peer;
    private @Nullable Endpoint to;
    private int bytes;
    private int segmentBytes;
    private int overheadBytes;
    private int datagrams;
    private boolean closed;
    private int trafficClass;

    SendRun(int lane, UdpLink link) {
        this.lane = lane;
        this.link = link;
    }

    /**
     * Makes room for one more datagram, sending first what it cannot join.
     *
     * @param overheadBytes how much of it is not the inner packet
     * @param outerClass DSCP and ECN of the outer header
     */
    void open(Peer peer, Endpoint to, int datagramBytes, int overheadBytes, int outerClass) {
        boolean alike = overheadBytes == this.overheadBytes && outerClass == trafficClass;
        if (datagrams > 0 && !(alike && takes(peer, to, datagramBytes))) {
            send();
        }
        this.peer = peer;
        this.to = to;
        this.overheadBytes = overheadBytes;
        trafficClass = outerClass;
    }

    @SuppressWarnings("ReferenceEquality") // an endpoint that moved is another object; a run too many does no harm
    private boolean takes(Peer peer, Endpoint to, int datagramBytes) {
        return peer == this.peer
                && to == this.to
                && !closed
                && datagramBytes <= segmentBytes
                && datagrams < UdpLink.MAX_SEGMENTS
                && bytes + datagramBytes <= UdpLink.MAX_SEND_BYTES;
    }

    /** Where the next datagram is to be written. */
    long next() {
        return memory.address() + bytes;
    }

    /**
     * The datagram at {@link #next()} is complete.
     *
     * @param savedBytes by how much its packet is longer than what is in it
     */
    void add(int datagramBytes, int savedBytes) {
        saved[datagrams] = savedBytes;
        if (datagrams == 0) {
            segmentBytes = datagramBytes;
        }
        closed = datagramBytes < segmentBytes;
        bytes += datagramBytes;
        datagrams++;
    }

    /** Sends all and starts anew. Whatever does not go out is counted at the peer; nothing is kept. */
    void send() {
        Peer peer = this.peer;
        Endpoint to = this.to;
        if (datagrams == 0 || peer == null || to == null) {
            return;
        }
        link.trafficClass(trafficClass);
        int result = datagrams == 1 || link.segmentation()
                ? sendOnce(link, to, memory.address(), bytes, segmentBytes)
                : -Errno.EIO;
        if (result >= 0) {
            sent(peer, 0, datagrams, bytes);
        } else if (datagrams > 1 && (result == -Errno.EIO || result == -Errno.EMSGSIZE)) {
            sendSingly(peer, to, result);
        } else {
            refuse(peer, result, datagrams);
        }
        this.peer = null;
        this.to = null;
        bytes = 0;
        datagrams = 0;
        closed = false;
    }

    /**
     * EIO: the egress device cannot checksum, so the kernel cannot cut for it; off for this socket. EMSGSIZE: a segment is larger
     * than the path allows, which only the single sends can tell apart.
     */
    private void sendSingly(Peer peer, Endpoint to, int why) {
        if (why == -Errno.EIO) {
            link.segmentationOff();
        }
        for (int at = 0; at < bytes; at += segmentBytes) {
            int length = Math.min(segmentBytes, bytes - at);
            int result = sendOnce(link, to, memory.address() + at, length, length);
            if (result >= 0) {
                sent(peer, at / segmentBytes, 1, length);
            } else {
                refuse(peer, result, 1);
            }
        }
    }

    /** One system call, or one more where the first failure is of the kind that passes. @return bytes sent, or -errno */
    static int sendOnce(UdpLink link, Endpoint to, long address, int length, int segment) {
        int result = link.send(to, address, length, segment);
        if (result == -Errno.EAGAIN && link.awaitWritable(BUSY_WAIT_MS)) {
            result = link.send(to, address, length, segment);
        }
        if ((result == -Errno.ENETUNREACH || result == -Errno.EINVAL) && to.hasLocal()) {
            // The address the peer spoke to is gone from this host: the kernel says so, by family, in these two ways.
            result = link.send(to.fromAnyLocal(), address, length, segment);
        }
        return result;
    }

    private void sent(Peer peer, int first, int count, int outerBytes) {
        int savedBytes = 0;
        for (int i = first; i < first + count; i++) {
            savedBytes += saved[i];
        }
        int innerBytes = outerBytes - count * overheadBytes + savedBytes;
        if (savedBytes != 0) {
            peer.counters().saved(lane, savedBytes);
        }
        peer.counters().sent(lane, count, innerBytes, outerBytes);
        peer.sendResult(0);
    }

    private void refuse(Peer peer, int result, int count) {
        DropReason reason = switch (-result) {
            case Errno.EAGAIN, Errno.ENOBUFS -> DropReason.TX_BUSY;
            case Errno.EMSGSIZE -> DropReason.TX_TOO_BIG;
            default -> DropReason.TX_SOCKET;
        };
        peer.counters().drop(lane, reason, count);
        peer.sendResult(-result);
    }

    @Override
    public void close() {
        memory.close();
    }
}
