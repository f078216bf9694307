package org.culvert.core.peer;

/** What is taken of packets that open under a key. */
public enum Admits {
    /** Packets, and what the peer's gateway itself has to say. */
    ALL,
    /** Only the latter: the peer's data may not come under this suite. */
    CONTROL,
    /** Of the latter only what leads to epoch keys: static keys, with a peer whose data goes under those. */
    ANNOUNCEMENTS
}
