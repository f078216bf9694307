package org.culvert.core.epoch;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Our own epochs of one kind of key, each made before the one before it ends (rule 1). */
public final class Epochs implements AutoCloseable {
    private static final long MOST_LEAD_NS = 300_000_000_000L;

    private final int incarnation;
    private final Supplier<OwnEpoch.Material> drawn;
    private final List<OwnEpoch> all = new ArrayList<>();
    private long lengthNs;
    private int serials;

    /**
     * @param incarnation random, of this run of the gateway
     * @param drawn a new key
     */
    public Epochs(int incarnation, long lengthNs, Supplier<OwnEpoch.Material> drawn) {
        this.incarnation = incarnation;
        this.lengthNs = lengthNs;
        this.drawn = drawn;
    }

    /** Of the epochs to come. */
    public void length(long ns) {
        lengthNs = ns;
    }

    public int incarnation() {
        return incarnation;
    }

    /** How long before the end of an epoch the next one begins. */
    long leadNs() {
        return Math.min(MOST_LEAD_NS, lengthNs / 4);
    }

    /** Begins what is due, erases what is over. @return whether anything was erased */
    public boolean tick(long nowNs) {
        boolean erased = false;
        for (OwnEpoch epoch : List.copyOf(all)) {
            if (nowNs - epoch.endNs() >= Exchange.GRACE_NS) {
                epoch.material().close();
                all.remove(epoch);
                erased = true;
            }
        }
        if (all.isEmpty() || all.getLast().endNs() - nowNs <= leadNs()) {
            all.add(new OwnEpoch(++serials, nowNs + lengthNs, drawn.get()));
        }
        return erased;
    }

    /** There is always one after the first {@link #tick}. */
    public OwnEpoch newest() {
        return all.getLast();
    }

    public int count() {
        return all.size();
    }

    @Override
    public void close() {
        all.forEach(epoch -> epoch.material().close());
        all.clear();
    }
}
