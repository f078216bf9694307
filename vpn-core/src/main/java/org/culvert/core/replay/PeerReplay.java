package org.culvert.core.replay;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Replay protection for what one peer sends (design section 4). Three nets, each for what the one before lets through:
 *
 * <ul>
 *   <li>A {@link ReplayWindow} per instance and lane refuses a number seen before.
 *   <li><i>Late</i>: a packet more than 60 s behind what its instance's clock must show by now was held back on the way.
 *   <li>The <i>floor</i>, a sender time at or below which nothing is accepted. It refuses recordings made before this
 *       gateway started, and stands in for windows that are gone: with one goes the memory of what it accepted, so the
 *       floor rises to the newest time of it. It never falls.
 * </ul>
 *
 * <p>Windows are made only for packets that opened, so a stranger can neither create nor move any. A peer that
 * restarts often (or a copy of its key) can have 64 instances; a 65th takes the place of the one that is quiet for
 * longest. Memory is then at most 64 times 16 lanes of 1 KB, and only the peer itself can get it there.
 *
 * <p>One receiving thread; {@link #raiseFloor}, {@link #floor}, {@link #newestTicks} and {@link #turns} from any. Allocates
 * when an instance or a lane of it appears, and never else.
 */
public final class PeerReplay {
    /** What became of a packet. Each but the first is a counter. */
    public enum Verdict {
        FRESH,
        /** The number was seen, or is too far behind the highest to tell. */
        REPLAY,
        /** More than 60 s behind the clock of its instance. */
        LATE,
        /** At or below the floor. */
        BEFORE_FLOOR
    }

    static final int MAX_INSTANCES = 64;
    static final long LATE_TICKS = 60L * 32_768;

    private static final int LANES = 16;
    private static final int LANE_SHIFT = 60;
    private static final long COUNT_MASK = (1L << LANE_SHIFT) - 1;

    private static final VarHandle FLOOR = field("floor");
    private static final VarHandle NEWEST_TICKS = field("newestTicks");

    /** One run of the peer's gateway. */
    private static final class Instance {
        final int id;
        final @Nullable ReplayWindow[] lanes = new ReplayWindow[LANES];
        long newestTicks;
        long newestNs; // own monotonic clock when newestTicks came
        boolean replaced; // was current once, until another one was

        Instance(int id, long ticks, long nowNs) {
            this.id = id;
            this.newestTicks = ticks;
            this.newestNs = nowNs;
        }

        /** What the sender's clock must show by now, at least. */
        long expectedTicks(long nowNs) {
            long elapsedMs = (nowNs - newestNs) / 1_000_000;
            return newestTicks + elapsedMs * 32_768 / 1_000;
        }

        ReplayWindow lane(int lane) {
            ReplayWindow window = lanes[lane];
            if (window == null) {
                window = new ReplayWindow();
                lanes[lane] = window;
            }
            return window;
        }
    }

    private final @Nullable Instance[] instances = new Instance[MAX_INSTANCES];
    private int count;
    private @Nullable Instance recent; // the one found last: nearly always the one looked for

    private volatile long floor = Long.MIN_VALUE;
    private volatile long newestTicks = Long.MIN_VALUE;
    private @Nullable Instance current; // the one newestTicks came from
    private boolean newest;
    private volatile int turns;

    /** Before opening, and cheap: {@link Verdict#REPLAY} when the number was seen, else {@link Verdict#FRESH}. Changes nothing. */
    public Verdict peek(int instance, long packetNumber) {
        Instance known = find(instance);
        if (known == null) {
            return Verdict.FRESH;
        }
        ReplayWindow window = known.lanes[lane(packetNumber)];
        return window != null && window.isSeen(packetNumber & COUNT_MASK) ? Verdict.REPLAY : Verdict.FRESH;
    }

    /**
     * After opening: decides and remembers.
     *
     * @param packetNumber as in the header, lane in the top 4 bits
     * @param senderTicks the sender's time from inside the packet, in 1/32768 s since 1995
     * @param nowNs own monotonic clock
     */
    public Verdict accept(int instance, long packetNumber, long senderTicks, long nowNs) {
        newest = false;
        if (senderTicks <= floor) {
            return Verdict.BEFORE_FLOOR;
        }
        Instance sender = find(instance);
        if (sender == null) {
            if (!makeRoom(senderTicks)) {
                return Verdict.BEFORE_FLOOR;
            }
            sender = new Instance(instance, senderTicks, nowNs);
            instances[count++] = sender;
            recent = sender;
        } else if (senderTicks < sender.expectedTicks(nowNs) - LATE_TICKS) {
            return Verdict.LATE;
        }
        ReplayWindow window = sender.lane(lane(packetNumber));
        long number = packetNumber & COUNT_MASK;
        boolean highest = number > window.highest();
        if (!window.mark(number)) {
            return Verdict.REPLAY;
        }
        newest = highest && isNewest(sender, senderTicks);
        remember(sender, senderTicks, nowNs);
        return Verdict.FRESH;
    }

    /**
     * Whether the packet accepted last may move the peer's endpoint: the highest number of the current instance (of its
     * lane, and with no time below the newest, where there are several lanes), or from another instance a time above
     * the newest seen. So neither a packet that was overtaken nor one that was held back moves it.
     */
    public boolean newestOfInstance() {
        return newest;
    }

    /** Raises the floor; a value below it changes nothing. Any thread. */
    public void raiseFloor(long ticks) {
        long before = floor;
        while (before < ticks && !FLOOR.compareAndSet(this, before, ticks)) {
            before = floor;
        }
    }

    /** The sender time at or below which nothing is accepted. Any thread. */
    public long floor() {
        return floor;
    }

    /** The newest sender time accepted, {@link Long#MIN_VALUE} before the first packet. Any thread. */
    public long newestTicks() {
        return newestTicks;
    }

    /** How many instances have windows. */
    public int instances() {
        return count;
    }

    /**
     * How often an instance that another had replaced became the current one again, since the start. A gateway that
     * restarts never does that; two that send with one host key do it over and over. Any thread.
     */
    public int turns() {
        return turns;
    }

    /** Drops the windows of instances whose newest packet is older than this: their hours are over. Receiving thread. */
    public void forgetBefore(long ticks) {
        for (int i = count - 1; i >= 0; i--) {
            if (at(i).newestTicks < ticks) {
                forget(i);
            }
        }
    }

    private boolean isNewest(Instance sender, long senderTicks) {
        return sender == current ? senderTicks >= sender.newestTicks : senderTicks > newestTicks;
    }

    private void remember(Instance sender, long senderTicks, long nowNs) {
        if (senderTicks >= sender.newestTicks) {
            sender.newestTicks = senderTicks;
            sender.newestNs = nowNs;
        }
        if (senderTicks > newestTicks) {
            NEWEST_TICKS.setRelease(this, senderTicks); // a full fence per packet would cost what the bitmap does
            if (sender != current) {
                makeCurrent(sender);
            }
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    private void makeCurrent(Instance sender) {
        if (current != null) {
            current.replaced = true;
        }
        if (sender.replaced) {
            turns = turns + 1;
        }
        current = sender;
    }

    private @Nullable Instance find(int id) {
        Instance last = recent;
        if (last != null && last.id == id) {
            return last;
        }
        for (int i = 0; i < count; i++) {
            Instance instance = at(i);
            if (instance.id == id) {
                recent = instance;
                return instance;
            }
        }
        return null;
    }

    /** Room for an instance with a packet of this time; false when making it would raise the floor to that time or above. */
    private boolean makeRoom(long senderTicks) {
        if (count < MAX_INSTANCES) {
            return true;
        }
        int oldest = 0;
        for (int i = 1; i < count; i++) {
            if (at(i).newestTicks < at(oldest).newestTicks) {
                oldest = i;
            }
        }
        if (senderTicks <= at(oldest).newestTicks) {
            return false;
        }
        forget(oldest);
        return true;
    }

    private void forget(int index) {
        Instance gone = at(index);
        raiseFloor(gone.newestTicks);
        count--;
        instances[index] = instances[count];
        instances[count] = null;
        recent = null;
    }

    private Instance at(int index) {
        Instance instance = instances[index];
        if (instance == null) {
            throw new IllegalStateException("no instance " + index + " of " + count);
        }
        return instance;
    }

    private static int lane(long packetNumber) {
        return (int) (packetNumber >>> LANE_SHIFT);
    }

    private static VarHandle field(String name) {
        try {
            return MethodHandles.lookup().findVarHandle(PeerReplay.class, name, long.class);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
