package org.culvert.core.echo;

import org.culvert.core.wire.SkipTime;

/** How much the delay of what a peer sends varies: RFC 3550 section 6.4.1, over its control messages. */
final class DelayVariation {
    /** Not a delay: one of the two clocks was set. */
    private static final double CLOCK_SET_US = 10_000_000;

    private static final double US_PER_TICK = 1e6 / SkipTime.TICKS_PER_SECOND;

    private boolean known;
    private long lastTransitTicks;
    private double variationUs;

    /** A message sent and received at these moments, by the sender's and by our own clock. */
    void record(long senderTicks, long receivedTicks) {
        long transit = receivedTicks - senderTicks;
        double differenceUs = Math.abs(transit - lastTransitTicks) * US_PER_TICK;
        lastTransitTicks = transit;
        if (known && differenceUs < CLOCK_SET_US) {
            variationUs += (differenceUs - variationUs) / 16;
        }
        known = true;
    }

    long us() {
        return Math.round(variationUs);
    }
}
