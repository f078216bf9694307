package org.culvert.core.control;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.culvert.core.echo.Liveness;
import org.culvert.core.peer.Peer;

/** Looks once a second who came and who went, and says so once. Control thread. */
final class PeerWatch {
    private static final long SECOND_NS = 1_000_000_000L;

    private final PeerListener listener;
    private final Set<Peer> up = Collections.newSetFromMap(new IdentityHashMap<>());

    PeerWatch(PeerListener listener) {
        this.listener = listener;
    }

    /** Who is no longer configured is forgotten in silence: it was removed on purpose. */
    void keepOnly(List<Member> members) {
        up.retainAll(members.stream().map(Member::peer).toList());
    }

    void look(Member member, Liveness.State state, long nowNs) {
        Peer peer = member.peer();
        if (!member.problems().isEmpty()) {
            down(member, PeerBook.inWords(member.problems()));
        } else if (state == Liveness.State.SILENT) {
            down(member, "not heard for " + (nowNs - peer.lastReceivedNs()) / SECOND_NS + " s");
        } else if (peer.lastReceivedNs() != 0 && up.add(peer)) {
            listener.peerUp(member);
        }
    }

    private void down(Member member, String reason) {
        if (up.remove(member.peer())) {
            listener.peerDown(member, reason);
        }
    }
}
