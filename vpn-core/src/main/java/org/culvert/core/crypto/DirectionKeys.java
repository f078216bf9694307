package org.culvert.core.crypto;

/**
 * The keys of one direction between two gateways in one hour under one suite: Kijn, which wraps traffic keys, K2ijn,
 * which makes packet keys of them, and the SPI that names them on the wire. Immutable; made and closed by the control
 * thread. Both secrets are one-way functions of Kij: losing them loses one direction of one hour, nothing else.
 */
public final class DirectionKeys implements AutoCloseable {
    private final Suite suite;
    private final int spi;
    private final SecretBytes wrap;
    private final SecretBytes packet;

    DirectionKeys(Suite suite, int spi, SecretBytes wrap, SecretBytes packet) {
        this.suite = suite;
        this.spi = spi;
        this.wrap = wrap;
        this.packet = packet;
    }

    public Suite suite() {
        return suite;
    }

    /** What both sides compute and an observer cannot link to a pair. Not unique: two of them may collide. */
    public int spi() {
        return spi;
    }

    /** Kijn. */
    SecretBytes wrap() {
        return wrap;
    }

    /** K2ijn. */
    SecretBytes packet() {
        return packet;
    }

    @Override
    public void close() {
        wrap.close();
        packet.close();
    }

    @Override
    public String toString() {
        return "DirectionKeys[" + suite + ", spi " + Integer.toHexString(spi) + ", redacted]";
    }
}
