package org.culvert.core.epoch;

import org.culvert.tun.Endpoint;
import org.jspecify.annotations.Nullable;

/** When we begin an exchange (rule 2): at once when something is lacking, then less and less often; each second while packets want it. */
final class Firsts {
    private static final long LONGEST_PAUSE_NS = 32 * Exchange.SECOND_NS;

    private @Nullable Endpoint to;
    private long sentNs;
    private long pauseNs;
    private int tries;
    private int serial;
    private boolean lacking;
    private long heardNs;
    private long packetsAtHeard;
    private long silentSinceNs;
    private boolean silentCounts;

    /** What was tried counts no more. */
    void beginAnew() {
        tries = 0;
        pauseNs = 0;
        lacking = false;
    }

    /** Never more than one per second. */
    boolean mayBegin(long nowNs) {
        return to == null || nowNs - sentNs >= Exchange.SECOND_NS;
    }

    /** @param urgent packets wait, or what was sent gets no answer */
    boolean due(long nowNs, boolean isLacking, int newestSerial, boolean urgent) {
        if (isLacking && (!lacking || newestSerial != serial)) {
            beginAnew();
        }
        lacking = isLacking;
        serial = newestSerial;
        if (urgent) {
            return mayBegin(nowNs);
        }
        return lacking && mayBegin(nowNs) && (tries == 0 || nowNs - sentNs >= pauseNs);
    }

    void begun(long nowNs, Endpoint address) {
        to = address;
        sentNs = nowNs;
        tries++;
        pauseNs = pauseNs == 0 ? Exchange.SECOND_NS : Math.min(2 * pauseNs, LONGEST_PAUSE_NS);
    }

    int tries() {
        return tries;
    }

    /** Whether the last one went there. */
    boolean wentTo(Endpoint address) {
        return to != null && to.sameRemote(address);
    }

    /** One of ours may be on its way to that address, or the answer on its way back. */
    boolean outstanding(Endpoint address, long nowNs) {
        return wentTo(address) && nowNs - sentNs < Exchange.SECOND_NS;
    }

    /** Rule 2 (c): we sent, and for two seconds nothing came. */
    boolean silent(Sight sight) {
        if (sight.heardNs() != heardNs) {
            heardNs = sight.heardNs();
            packetsAtHeard = sight.sentPackets();
            silentCounts = false;
        } else if (sight.sentPackets() != packetsAtHeard && !silentCounts) {
            silentCounts = true;
            silentSinceNs = sight.nowNs();
        }
        return silentCounts && sight.nowNs() - silentSinceNs >= Exchange.SILENCE_NS;
    }
}
