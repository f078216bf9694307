package org.culvert.core.control;

import java.util.ArrayDeque;
import java.util.Deque;
import org.culvert.core.epoch.EpochPair;
import org.culvert.core.epoch.Items;
import org.culvert.core.epoch.Line;
import org.culvert.core.flow.Published;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.PairKeys;
import org.culvert.core.peer.Peer;

/**
 * Messages of the exchange on their way out. They wait here until the snapshot is published that has the keys of their pairs: an answer
 * to a confirm could otherwise be here before we can open it. Control thread.
 */
final class EpochLine {
    /** More than there is to say to one peer at once, KEM messages and all; what is beyond is lost and said again. */
    static final int WAITING_TO_EACH = 24;

    private final Deque<Said> waiting = new ArrayDeque<>();

    private record Said(ToPeer to, Line.Route route, Items items) {}

    Line to(Peer peer) {
        return new ToPeer(peer);
    }

    /** What is said to one peer takes no room from what is said to the others. */
    private final class ToPeer implements Line {
        private final Peer peer;
        private int waitingHere;

        ToPeer(Peer peer) {
            this.peer = peer;
        }

        @Override
        public void say(Route route, Items items) {
            if (waitingHere < WAITING_TO_EACH) {
                waitingHere++;
                waiting.add(new Said(this, route, items));
            }
        }
    }

    /** Leaves what waits to Outbound, as long as there is room. @return false when nothing was left */
    boolean flush(Published published) {
        boolean any = false;
        while (!waiting.isEmpty()) {
            ControlRing.Slot slot = published.controlToSend().claim();
            if (slot == null) {
                return any;
            }
            Said next = waiting.remove();
            next.to.waitingHere--;
            fill(slot, next, published.current().version());
            published.controlToSend().offer(slot);
            any = true;
        }
        return any;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    private static void fill(ControlRing.Slot slot, Said said, long version) {
        byte[] message = said.items().write();
        System.arraycopy(message, 0, slot.message, 0, message.length);
        slot.messageBytes = message.length;
        slot.datagramBytes = 0;
        slot.peer = said.to.peer;
        slot.pair = pairOf(said.route());
        slot.endpoint = said.route().to();
        slot.snapshotVersion = version;
    }

    private static PairKeys pairOf(Line.Route route) {
        EpochPair under = route.under();
        return under == null ? ((StaticBase) route.base()).pair() : ((EpochKeys) under.secrets()).pair();
    }
}
