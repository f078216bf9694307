package org.culvert.core.status;

import java.time.Duration;
import java.util.Optional;

/**
 * What protects a peer's packets now.
 *
 * @param keys "epoch" keys, "static" ones alone, or "none": packets wait
 * @param since for how long that has been so without a break
 * @param postQuantum whether ML-KEM is in them
 * @param preShared whether a pre-shared key is
 * @param mode configured here: "required", "preferred" or "off"
 * @param peerMode what the peer says of itself; empty: it has said nothing
 * @param remark why it is not as it should be; empty: it is
 */
public record KeyStatus(
        String keys,
        Optional<Duration> since,
        boolean postQuantum,
        boolean preShared,
        String mode,
        Optional<String> peerMode,
        String remark) {
    public static final String EPOCH = "epoch";
    public static final String STATIC = "static";
    public static final String NONE = "none";
}
