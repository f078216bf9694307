package org.culvert.core.control;

import java.time.Instant;
import java.util.Collection;
import java.util.IdentityHashMap;
import org.culvert.core.echo.EchoReport;
import org.culvert.core.echo.Liveness;
import org.culvert.core.peer.Peer;
import org.culvert.core.wire.DropReason;
import org.culvert.core.wire.SkipTime;
import org.culvert.tun.Endpoint;
import org.culvert.tun.Errno;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what the flow threads only count into log lines: one per event, looked at once a second, repeated at most hourly. The data
 * path never logs. Control thread.
 */
@SuppressWarnings("ReferenceEquality") // what the data path published is the same object until it is news
final class PeerReports {
    private static final Logger LOG = LoggerFactory.getLogger(PeerReports.class);
    private static final long HOUR_NS = 3_600_000_000_000L;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long MINUTE_NS = 60_000_000_000L;

    /** Clocks set back make one turn; two hosts with one key make as many as they have packets. */
    private static final int TURNS_PER_MINUTE = 4;

    private final IdentityHashMap<Peer, Seen> seen = new IdentityHashMap<>();

    /** Peers that are configured no more are forgotten. */
    void keepOnly(Collection<Peer> peers) {
        seen.keySet().retainAll(peers);
    }

    void look(Peer peer, EchoReport echo, Instant now, long nowNs) {
        Seen last = seen.computeIfAbsent(peer, unseen -> new Seen(peer.endpoint()));
        endpoint(peer, last);
        firstPacket(peer, last);
        liveness(peer, echo, last, nowNs);
        path(peer, echo, last);
        sendErrors(peer, last, nowNs);
        refused(peer, last, nowNs);
        duplicateIdentity(peer, last, nowNs);
    }

    private static void endpoint(Peer peer, Seen last) {
        Endpoint endpoint = peer.endpoint();
        if (endpoint == null || endpoint == last.endpoint) {
            return;
        }
        String was = last.endpoint == null ? "" : last.endpoint.toString();
        if (!endpoint.toString().equals(was)) { // our side of the way may change without news
            LOG.info("peer {} is at {}{}", peer, endpoint, was.isEmpty() ? "" : ", was at " + was);
        }
        last.endpoint = endpoint;
    }

    private static void firstPacket(Peer peer, Seen last) {
        if (!last.heard && peer.lastReceivedNs() != 0) {
            last.heard = true;
            LOG.info("peer {}: first packet received", peer);
        }
    }

    /** Sending goes on all the while: the peer may hear us though we do not hear it. */
    private static void liveness(Peer peer, EchoReport echo, Seen last, long nowNs) {
        if (echo.state() == last.state) {
            return;
        }
        if (echo.state() == Liveness.State.SILENT) {
            last.silentNs = peer.lastReceivedNs();
            LOG.warn("peer {}: not heard for {} s, still sending", peer, (nowNs - last.silentNs) / SECOND_NS);
        } else if (last.state == Liveness.State.SILENT) {
            LOG.info("peer {}: heard again after {} s", peer, (nowNs - last.silentNs) / SECOND_NS);
        } else if (echo.state() == Liveness.State.MUTE) {
            LOG.info("peer {}: answers no echoes, its gateway is older: round trip and path MTU stay unknown", peer);
        }
        last.state = echo.state();
    }

    private static void path(Peer peer, EchoReport echo, Seen last) {
        if (echo.pathFound() && echo.pathBytes() != last.pathBytes) {
            LOG.info(
                    "peer {}: datagrams of up to {} bytes pass, so packets of up to {} inside",
                    peer,
                    echo.pathBytes(),
                    peer.mtuBytes());
            last.pathBytes = echo.pathBytes();
        }
    }

    private static void sendErrors(Peer peer, Seen last, long nowNs) {
        int errno = peer.lastSendErrno();
        if (errno != last.sendErrno && (errno == 0 || due(last.sendErrorNs, nowNs, MINUTE_NS))) {
            if (errno != 0) {
                last.sendErrorNs = nowNs;
                LOG.warn("peer {}: sending to {} fails: {}", peer, peer.endpoint(), Errno.words(errno));
            } else {
                LOG.info("peer {}: sending works again", peer);
            }
            last.sendErrno = errno;
        }
    }

    /** Packets that are authentic but older than the floor: a clock that is behind, or a recording played back. */
    private static void refused(Peer peer, Seen last, long nowNs) {
        long count = peer.counters().dropped(DropReason.BEFORE_FLOOR);
        if (count > last.beforeFloor && due(last.beforeFloorNs, nowNs, HOUR_NS)) {
            last.beforeFloorNs = nowNs;
            LOG.warn(
                    "peer {}: {} authentic packets refused since they were sent {} s before we started, by the peer's clock:"
                            + " its clock is behind, or these are recordings",
                    peer,
                    count - last.beforeFloor,
                    -peer.refusedSkewTicks() / SkipTime.TICKS_PER_SECOND);
        }
        last.beforeFloor = count;
    }

    private static void duplicateIdentity(Peer peer, Seen last, long nowNs) {
        if (nowNs - last.turnsNs < MINUTE_NS) {
            return;
        }
        int turns = peer.replay().turns();
        if (turns - last.turns >= TURNS_PER_MINUTE && due(last.duplicateNs, nowNs, HOUR_NS)) {
            last.duplicateNs = nowNs;
            LOG.warn("peer {}: duplicate_identity: two gateways send with its key; one of them is a copy", peer);
        }
        last.turns = turns;
        last.turnsNs = nowNs;
    }

    private static boolean due(long lastNs, long nowNs, long intervalNs) {
        return lastNs == 0 || nowNs - lastNs >= intervalNs;
    }

    /** What was logged already. */
    private static final class Seen {
        @Nullable
        Endpoint endpoint;

        boolean heard;
        Liveness.State state = Liveness.State.UNHEARD;
        long silentNs;
        int pathBytes;
        int sendErrno;
        long sendErrorNs;
        long beforeFloor;
        long beforeFloorNs;
        long duplicateNs;
        int turns;
        long turnsNs;

        Seen(@Nullable Endpoint endpoint) {
            this.endpoint = endpoint;
        }
    }
}
