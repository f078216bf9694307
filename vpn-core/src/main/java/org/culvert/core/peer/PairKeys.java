package org.culvert.core.peer;

import org.culvert.core.crypto.DirectionKeys;
import org.culvert.core.crypto.PairSecret;
import org.culvert.core.crypto.Suite;

/**
 * The master secret Kij of us and one peer with both identities: gives the keys of any hour, by symmetric cryptography alone.
 * Thread-safe; closed by the control thread when neither flow thread can hold it any more.
 */
public final class PairKeys implements AutoCloseable {
    private final PairSecret secret;
    private final byte[] ownId;
    private final byte[] peerId;

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

    @Override
    public void close() {
        secret.close();
    }
}
