package org.culvert.core.peer;

import org.culvert.core.crypto.DirectionKeys;
import org.culvert.core.crypto.HostIdentity;
import org.culvert.core.crypto.PairSecret;
import org.culvert.core.crypto.Suite;

/**
 * One master secret of us and one peer with both identities: gives the keys of any hour, by symmetric cryptography alone. A peer may have
 * several, and each is itself and no other; what was heard under it stands here. Thread-safe; closed by the control thread when neither
 * flow thread can hold it any more.
 */
public final class PairKeys implements AutoCloseable {
    private final PairSecret secret;
    private final byte[] ownId;
    private final byte[] peerId;

    /** Inbound: monotonic time of the first packet that opened under it; 0 when there was none. */
    private volatile long heardNs;

    /** Inbound: the same of the first that was data. */
    private volatile long dataNs;

    public PairKeys(PairSecret secret, byte[] ownId, byte[] peerId) {
        this.secret = secret;
        this.ownId = ownId.clone();
        this.peerId = peerId.clone();
    }

    /** Keys of what the peer sends to us in hour n. */
    public DirectionKeys receiving(int hour, Suite suite) {
        return secret.derive(peerId, ownId, hour, suite);
    }

    /** The SPI alone of what the peer sends to us in hour n. */
    public int receivingSpi(int hour, Suite suite) {
        return secret.spi(peerId, ownId, hour, suite);
    }

    /** Keys of what we send to the peer in hour n. */
    public DirectionKeys sending(int hour, Suite suite) {
        return secret.derive(ownId, peerId, hour, suite);
    }

    /** By this the two name to each other, inside encrypted messages, what one of them opens: here, what we do. */
    public long receivingTag() {
        return HostIdentity.tag(peerId, ownId);
    }

    /** The same of what we send. */
    public long sendingTag() {
        return HostIdentity.tag(ownId, peerId);
    }

    /** Whether a fresh packet of the peer has opened under it: so it has the secret too, and uses it. */
    public boolean heard() {
        return heardNs != 0;
    }

    /** Monotonic time of the first packet, 0: none. */
    public long heardNs() {
        return heardNs;
    }

    /** Monotonic time of the first IP packet, 0: none. */
    public long dataNs() {
        return dataNs;
    }

    /** Inbound thread: what the peer's gateway itself said has opened. Writes once, so that it costs a packet no more than a look. */
    public void heardAt(long nowNs) {
        if (heardNs == 0) {
            heardNs = nowNs == 0 ? 1 : nowNs;
        }
    }

    /** Inbound thread: an IP packet has opened. */
    public void dataAt(long nowNs) {
        if (dataNs == 0) {
            heardAt(nowNs);
            dataNs = nowNs == 0 ? 1 : nowNs;
        }
    }

    @Override
    public void close() {
        secret.close();
    }
}
