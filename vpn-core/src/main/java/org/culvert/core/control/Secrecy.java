package org.culvert.core.control;

import org.culvert.core.crypto.SecretBytes;
import org.culvert.core.epoch.Mode;
import org.jspecify.annotations.Nullable;

/**
 * What is configured of forward secrecy with a peer.
 *
 * @param psk pre-shared key, the same on both sides, mixed into every key; null: none
 */
public record Secrecy(Mode mode, @Nullable SecretBytes psk) {
    /** Static keys only. */
    public static final Secrecy OFF = new Secrecy(Mode.OFF, null);
}
