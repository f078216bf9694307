package org.culvert.core.epoch;

import org.culvert.tun.Endpoint;
import org.jspecify.annotations.Nullable;

/** What takes our messages. They may be lost. */
public interface Line {
    void say(Route route, Items items);

    /**
     * Under which keys and where to.
     *
     * @param under null: the static pair
     */
    record Route(StaticPair base, @Nullable EpochPair under, Endpoint to) {}
}
