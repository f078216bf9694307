package org.culvert.core.replay;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
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
 * longest. Memory is then at most 64 times 16 lanes of 4 KB, and only the peer itself can get it there.
 *
 * <p>Any thread, since the kernel may put datagrams of two lanes into one receive. A packet is decided by compare-and-set; the lock is
 * for what happens once in a peer's run: an instance appears, is forgotten, or takes over. Allocates when an instance or a lane of it
 * appears, and never else.
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

    private static final VarHandle FLOOR = field(PeerReplay.class, "floor");
    private static final VarHandle NEWEST_TICKS = field(PeerReplay.class, "newestTicks");
    private static final VarHandle NEWEST_OF_INSTANCE = field(Instance.class, "newestTicks");
    private static final VarHandle CLOCK_OF_INSTANCE = field(Instance.class, "clockTicks");

    /** One run of the peer's gateway. */
    private static final class Instance {
        final int id;
        final AtomicReferenceArray<@Nullable ReplayWindow> lanes = new AtomicReferenceArray<>(LANES);
        volatile long newestTicks;

        @SuppressWarnings("UnusedVariable") // through CLOCK_OF_INSTANCE
        private long clockTicks; // its clock less ours when newestTicks came

        volatile boolean gone; // forgotten: what it takes from now on is remembered by nobody

        boolean replaced; // was current once, until another one was

        Instance(int id, long ticks, long nowNs) {
            this.id = id;
            this.newestTicks = ticks;
            this.clockTicks = ticks - monotonicTicks(nowNs);
        }

        /** What the sender's clock must show by now, at least. */
        long expectedTicks(long nowNs) {
            return (long) CLOCK_OF_INSTANCE.getOpaque(this) + monotonicTicks(nowNs);
        }

        /** Two threads at once may leave the clock of either packet: they differ by what the way took. */
        void saw(long ticks, long nowNs) {
            long before = newestTicks;
            while (ticks > before) {
                if (NEWEST_OF_INSTANCE.compareAndSet(this, before, ticks)) {
                    CLOCK_OF_INSTANCE.setOpaque(this, ticks - monotonicTicks(nowNs));
                }
                before = newestTicks;
            }
        }

        ReplayWindow lane(int lane) {
            ReplayWindow window = lanes.getAcquire(lane);
            if (window == null) {
                ReplayWindow made = new ReplayWindow();
                ReplayWindow first = lanes.compareAndExchange(lane, null, made);
                window = first == null ? made : first;
            }
            return window;
        }

        private static long monotonicTicks(long nowNs) {
            return nowNs / 1_000_000 * 32_768 / 1_000;
        }
    }

    /** Never changed, only replaced. */
    private volatile Instance[] instances = {};

    private volatile @Nullable Instance recent; // the one found last: nearly always the one looked for
    private volatile long floor = Long.MIN_VALUE;
    private volatile long newestTicks = Long.MIN_VALUE;
    private volatile @Nullable Instance current; // the one newestTicks came from
    private volatile int turns;

    /** Before opening, and cheap: {@link Verdict#REPLAY} when the number was seen, else {@link Verdict#FRESH}. Changes nothing. */
    public Verdict peek(int instance, long packetNumber) {
        Instance known = find(instance);
        ReplayWindow window = known == null ? null : known.lanes.getAcquire(lane(packetNumber));
        return window != null && window.isSeen(packetNumber & COUNT_MASK) ? Verdict.REPLAY : Verdict.FRESH;
    }

    /**
     * Whether a packet may move the peer's endpoint, if {@link #accept}, which comes after it, finds it fresh: the highest number of
     * the current instance (of its lane, and with no time below the newest, where there are several lanes), or from another instance
     * a time above the newest seen. So neither a packet that was overtaken nor one that was held back moves it.
     */
    public boolean isNewest(int instance, long packetNumber, long senderTicks) {
        Instance known = find(instance);
        ReplayWindow window = known == null ? null : known.lanes.getAcquire(lane(packetNumber));
        boolean highest = window == null || (packetNumber & COUNT_MASK) > window.highest();
        boolean newest =
                (known != null && known == current) ? senderTicks >= known.newestTicks : senderTicks > newestTicks;
        return highest && newest;
    }

    /**
     * After opening: decides and remembers.
     *
     * @param packetNumber as in the header, lane in the top 4 bits
     * @param senderTicks the sender's time from inside the packet, in 1/32768 s since 1995
     * @param nowNs own monotonic clock
     */
    public Verdict accept(int instance, long packetNumber, long senderTicks, long nowNs) {
        Instance sender = find(instance);
        if (senderTicks <= floor) { // read after it was found: see forget
            return Verdict.BEFORE_FLOOR;
        }
        if (sender == null) {
            sender = join(instance, senderTicks, nowNs);
            if (sender == null) {
                return Verdict.BEFORE_FLOOR;
            }
        } else if (senderTicks < sender.expectedTicks(nowNs) - LATE_TICKS) {
            return Verdict.LATE;
        }
        sender.saw(senderTicks, nowNs); // before the mark: see forget
        if (!sender.lane(lane(packetNumber)).mark(packetNumber & COUNT_MASK)) {
            return Verdict.REPLAY;
        }
        if (sender.gone) {
            return Verdict.BEFORE_FLOOR;
        }
        remember(sender, senderTicks);
        return Verdict.FRESH;
    }

    /** Raises the floor; a value below it changes nothing. */
    public void raiseFloor(long ticks) {
        long before = floor;
        while (before < ticks && !FLOOR.compareAndSet(this, before, ticks)) {
            before = floor;
        }
    }

    /** The sender time at or below which nothing is accepted. */
    public long floor() {
        return floor;
    }

    /** The newest sender time accepted, {@link Long#MIN_VALUE} before the first packet. */
    public long newestTicks() {
        return newestTicks;
    }

    /** How many instances have windows. */
    public int instances() {
        return instances.length;
    }

    /**
     * How often an instance that another had replaced became the current one again, since the start. A gateway that
     * restarts never does that; two that send with one host key do it over and over.
     */
    public int turns() {
        return turns;
    }

    /** Drops the windows of instances whose newest packet is older than this: their hours are over. */
    public synchronized void forgetBefore(long ticks) {
        for (Instance instance : instances) {
            if (instance.newestTicks < ticks) {
                forget(instance);
            }
        }
    }

    private void remember(Instance sender, long senderTicks) {
        long before = newestTicks;
        while (senderTicks > before) {
            if (NEWEST_TICKS.compareAndSet(this, before, senderTicks) && sender != current) {
                makeCurrent(sender, senderTicks);
            }
            before = newestTicks;
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
    private synchronized void makeCurrent(Instance sender, long senderTicks) {
        Instance before = current;
        if (before == sender || senderTicks < newestTicks) {
            return; // somebody with a newer packet was faster
        }
        if (before != null) {
            before.replaced = true;
        }
        if (sender.replaced) {
            turns = turns + 1;
        }
        current = sender;
    }

    private @Nullable Instance find(int id) {
        Instance last = recent;
        if (last != null && last.id == id && !last.gone) {
            return last;
        }
        for (Instance instance : instances) {
            if (instance.id == id) {
                recent = instance;
                return instance;
            }
        }
        return null;
    }

    /** A new instance; null when making room for it would raise the floor to this time or above. */
    private synchronized @Nullable Instance join(int id, long senderTicks, long nowNs) {
        if (senderTicks <= floor) {
            return null;
        }
        Instance known = find(id);
        if (known != null) {
            return known; // of another thread, a moment ago
        }
        if ((instances.length == MAX_INSTANCES && !makeRoom(senderTicks)) || senderTicks <= floor) {
            return null;
        }
        Instance made = new Instance(id, senderTicks, nowNs);
        Instance[] more = Arrays.copyOf(instances, instances.length + 1);
        more[more.length - 1] = made;
        instances = more;
        recent = made;
        return made;
    }

    private boolean makeRoom(long senderTicks) {
        Instance oldest = instances[0];
        for (Instance instance : instances) {
            if (instance.newestTicks < oldest.newestTicks) {
                oldest = instance;
            }
        }
        if (senderTicks <= oldest.newestTicks) {
            return false;
        }
        forget(oldest);
        return true;
    }

    /**
     * A thread may be about to mark a packet in it. Either that one sees that the instance is gone, and refuses; or the packet's time was
     * there before, and the floor rises to it. So it cannot pass a second time: whoever finds an instance of that number that was made
     * anew sees the risen floor.
     */
    private void forget(Instance instance) {
        instance.gone = true;
        raiseFloor(instance.newestTicks);
        Instance[] fewer = new Instance[instances.length - 1];
        int count = 0;
        for (Instance stays : instances) {
            if (stays != instance) {
                fewer[count++] = stays;
            }
        }
        instances = fewer;
        recent = null;
    }

    private static int lane(long packetNumber) {
        return (int) (packetNumber >>> LANE_SHIFT);
    }

    private static VarHandle field(Class<?> of, String name) {
        try {
            return MethodHandles.privateLookupIn(of, MethodHandles.lookup()).findVarHandle(of, name, long.class);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
