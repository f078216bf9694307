package org.culvert.core.discovery;

import java.util.concurrent.atomic.LongAdder;

/** What became of certificates over the wire. Counted by the discovery thread, read by any; what was refused is a drop. */
public final class DiscoveryCounts {
    final LongAdder answered = new LongAdder();
    final LongAdder challenged = new LongAdder();
    final LongAdder asked = new LongAdder();
    final LongAdder fetched = new LongAdder();

    /** Requests that a part of our chain went out for. */
    public long answered() {
        return answered.sum();
    }

    /** Requests that were told to come again with a cookie. */
    public long challenged() {
        return challenged.sum();
    }

    /** Requests of ours, repeated ones too. */
    public long asked() {
        return asked.sum();
    }

    /** Whole chains that came, whatever they were worth. */
    public long fetched() {
        return fetched.sum();
    }
}
