package org.culvert.core.lab.threats;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.culvert.core.demo.Await;
import org.culvert.core.lab.Office;
import org.culvert.core.lab.Pings;
import org.culvert.core.lab.Status;

/**
 * Others of one LAN, who ping the other LAN while somebody attacks: round after round without a pause, the last of them after
 * the attack. Not for floods: a round with a lost ping takes as long as a late answer may. One thread of its own.
 */
final class Bystanders implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int ROUND = 10;

    /** The machine may stand still for a while: an answer so late still counts. */
    private static final String PATIENCE_S = "10";

    private final AtomicInteger rounds = new AtomicInteger();
    private final Meanwhile<Pings> work;

    private Bystanders(Office from, Office to) {
        work = new Meanwhile<>("bystanders", enough -> {
            int sent = 0;
            int received = 0;
            var said = new StringBuilder();
            for (boolean last = false; !last; ) {
                last = enough.getAsBoolean();
                Pings round = from.ping(to, ROUND, "-i", PATIENCE_S, "-W", PATIENCE_S);
                sent += round.sent();
                received += round.received();
                said.append(round.said());
                rounds.incrementAndGet();
            }
            return new Pings(sent, received, said.toString());
        });
    }

    /** Returns when their first round was answered. */
    static Bystanders of(Office from, Office to) throws Exception {
        Bystanders others = new Bystanders(from, to);
        Await.until("others ping", SOON, () -> others.work.isDone() || others.rounds.get() > 0);
        return others;
    }

    /** After the attack. @return all their pings */
    Pings end() throws Exception {
        return work.end();
    }

    /** A packet is counted after the system call that delivers it. @return what one of the gateways has counted since then, their pings at least */
    static Status counted(Office gateway, Status before, Pings others) throws Exception {
        Await.until("their pings are counted", SOON, () -> {
            Status now = gateway.status().since(before);
            return now.receivedPackets() >= others.received() && now.sentPackets() >= others.received();
        });
        return gateway.status().since(before);
    }

    @Override
    public void close() {
        work.close();
    }
}
