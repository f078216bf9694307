package org.culvert.core.peer;

import org.culvert.core.crypto.DirectionKeys;
import org.culvert.core.crypto.KeyEncryption;
import org.culvert.core.crypto.Suite;
import org.culvert.core.replay.PeerReplay;

/**
 * What opens packets of one sender, hour and suite. Immutable but for the AES state inside {@code encryption} and the marks of
 * {@code pair}, which only the Inbound thread changes.
 *
 * @param pair what it was made of: one of the peer's several
 * @param replay which of its packets are new
 * @param admits what of them is taken
 */
public record ReceiveKey(
        Peer peer,
        PairKeys pair,
        int hour,
        Suite suite,
        int spi,
        KeyEncryption encryption,
        PeerReplay replay,
        Admits admits) {

    /** For all that the peer may say under this suite. */
    public static ReceiveKey of(Peer peer, PairKeys pair, int hour, Suite suite) {
        PeerReplay replay = pair.isEpoch() ? peer.epochReplay() : peer.replay();
        Admits admits = peer.accepts(suite) ? Admits.ALL : Admits.CONTROL;
        try (DirectionKeys keys = pair.receiving(hour, suite)) {
            KeyEncryption encryption = new KeyEncryption(keys, peer.lanes());
            return new ReceiveKey(peer, pair, hour, suite, keys.spi(), encryption, replay, admits);
        }
    }

    /** The same key, for less. */
    public ReceiveKey admitting(Admits less) {
        return new ReceiveKey(peer, pair, hour, suite, spi, encryption, replay, less);
    }
}
