package org.culvert.core.control;

import java.util.Optional;
import org.culvert.core.epoch.Mode;

/**
 * What protects a peer's packets now.
 *
 * @param kind of keys
 * @param sinceNs for how long that has been so
 * @param withKem whether ML-KEM is in them
 * @param withPsk whether a pre-shared key is
 * @param mode ours
 * @param peerMode what it says of itself, if it has said anything
 * @param remark why it is not as it should be; empty: it is
 */
public record Protection(
        Kind kind, long sinceNs, boolean withKem, boolean withPsk, Mode mode, Optional<Mode> peerMode, String remark) {
    /** Of keys. */
    public enum Kind {
        /** None that may carry data: packets wait. */
        NONE,
        /** Static keys alone. */
        STATIC,
        /** Epoch keys. */
        EPOCH
    }
}
