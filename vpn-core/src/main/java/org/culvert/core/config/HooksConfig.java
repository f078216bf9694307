package org.culvert.core.config;

import java.util.List;

/**
 * Programs to run when something happens: an absolute path and arguments each, empty for none.
 *
 * @param up the gateway carries traffic
 * @param down it is about to end
 * @param peerUp a peer was heard for the first time, or again after it was down
 * @param peerDown a peer is silent, or its certificate no longer good
 */
public record HooksConfig(List<String> up, List<String> down, List<String> peerUp, List<String> peerDown) {
    public static final HooksConfig NONE = new HooksConfig(List.of(), List.of(), List.of(), List.of());

    public HooksConfig {
        up = List.copyOf(up);
        down = List.copyOf(down);
        peerUp = List.copyOf(peerUp);
        peerDown = List.copyOf(peerDown);
    }
}
