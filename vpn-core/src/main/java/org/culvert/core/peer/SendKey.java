package org.culvert.core.peer;

import org.culvert.core.crypto.DirectionKeys;
import org.culvert.core.crypto.KeyEncryption;
import org.culvert.core.crypto.Suite;

/**
 * What seals packets to one peer in one hour. Immutable but for the AES state inside {@code encryption}, which only the
 * Outbound thread uses.
 *
 * @param pair what it was made of
 * @param trafficKey how long a traffic key lives; here and not at the peer, so that it cannot change within a batch
 */
public record SendKey(
        PairKeys pair, int hour, Suite suite, int spi, KeyEncryption encryption, TrafficKeyPolicy trafficKey) {

    /**
     * Derives and expands the keys of one hour.
     *
     * @param lanes how many threads seal with it
     */
    public static SendKey of(PairKeys pair, int hour, Suite suite, int lanes, TrafficKeyPolicy trafficKey) {
        try (DirectionKeys keys = pair.sending(hour, suite)) {
            return new SendKey(pair, hour, suite, keys.spi(), new KeyEncryption(keys, lanes), trafficKey);
        }
    }
}
