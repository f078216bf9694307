package org.culvert.core.epoch;

/** Whose an announcement or a part of a KEM message may be. Each is more than the one before. */
enum Trust {
    /** Of anybody who has the static key of one of the two. */
    NONE,

    /** Of somebody who also receives what we send to where the peer may be: it echoes our cookie from there. */
    ECHOES,

    /** The peer's: it came under an epoch pair. */
    SEALED
}
