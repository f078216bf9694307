package org.culvert.core.epoch;

/**
 * What we announce to one peer beside the key.
 *
 * @param capabilities {@link Core#ML_KEM}, or 0
 * @param suites that we accept: bit n-1 for suite n
 */
public record Terms(Mode mode, int capabilities, int suites) {
    boolean has(int capability) {
        return (capabilities & capability) != 0;
    }
}
