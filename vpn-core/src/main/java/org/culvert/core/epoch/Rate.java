package org.culvert.core.epoch;

/** Something that happens once a second at most. */
final class Rate {
    private boolean before;
    private long lastNs;

    boolean pass(long nowNs) {
        if (before && nowNs - lastNs < Exchange.SECOND_NS) {
            return false;
        }
        before = true;
        lastNs = nowNs;
        return true;
    }
}
