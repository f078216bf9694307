package org.culvert.core.peer;

import org.culvert.core.crypto.Suite;

/** An SPI that a peer would use in an hour we do not accept: only to say whose clock is off (design.md section 3). */
public record StrangeHour(Peer peer, PairKeys pair, int hour, Suite suite, int spi) {}
