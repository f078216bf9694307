package org.culvert.core.peer;

import java.security.MessageDigest;
import java.util.Arrays;
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
    private final boolean epoch;

    /** Inbound: monotonic time of the first packet that opened under it; 0 when there was none. */
    private volatile long heardNs;

    /** Inbound: the same of the first that was data. */
    private volatile long dataNs;

    /** Of static keys. */
    public PairKeys(PairSecret secret, byte[] ownId, byte[] peerId) {
        this(secret, ownId, peerId, false);
    }

    private PairKeys(PairSecret secret, byte[] ownId, byte[] peerId, boolean epoch) {
        this.secret = secret;
        this.ownId = ownId.clone();
        this.peerId = peerId.clone();
        this.epoch = epoch;
    }

    /** Of epoch keys, between the two that have that static pair. */
    public static PairKeys ofEpoch(PairSecret secret, PairKeys base) {
        return new PairKeys(secret, base.ownId, base.peerId, true);
    }

    /** Whether epoch keys are in it. */
    public boolean isEpoch() {
        return epoch;
    }

    /** Whether both are between the same two host keys: an epoch pair and the static pair it hangs on. */
    public boolean isOfSameHosts(PairKeys other) {
        return Arrays.equals(ownId, other.ownId) && Arrays.equals(peerId, other.peerId);
    }

    public byte[] ownId() {
        return ownId.clone();
    }

    public byte[] peerId() {
        return peerId.clone();
    }

    /** What shows the peer that we have it. */
    public byte[] proof() {
        return secret.proof(ownId, peerId);
    }

    /** Whether this shows that the peer has it. Constant time. */
    public boolean isProof(byte[] theirs) {
        return MessageDigest.isEqual(secret.proof(peerId, ownId), theirs);
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

    /**
     * Inbound thread: what the peer's gateway itself said has opened.
     *
     * @return true the first time; so it costs a packet no more than a look
     */
    public boolean heardAt(long nowNs) {
        if (heardNs != 0) {
            return false;
        }
        heardNs = nowNs == 0 ? 1 : nowNs;
        return true;
    }

    /** Inbound thread: an IP packet has opened. @return true the first time */
    public boolean dataAt(long nowNs) {
        if (dataNs != 0) {
            return false;
        }
        heardAt(nowNs);
        dataNs = nowNs == 0 ? 1 : nowNs;
        return true;
    }

    @Override
    public void close() {
        secret.close();
    }
}
