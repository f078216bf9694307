package org.culvert.core.flow;

import org.culvert.core.crypto.DirectionKeys;
import org.culvert.core.crypto.KeyBatch;
import org.culvert.core.crypto.KeyEncryption;
import org.culvert.core.crypto.PacketCipher;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.Snapshot;
import org.culvert.core.peer.SpiTable;
import org.culvert.core.peer.StrangeHour;
import org.culvert.core.wire.DataHeader;
import org.culvert.core.wire.InnerWord;
import org.culvert.core.wire.SkipTime;
import org.culvert.tun.memory.OffHeap;

/**
 * Tells a clock that is off from garbage: an unknown SPI may be that of a peer in an hour we do not accept. What opens under such
 * a key is never delivered; the peer's {@link Peer.StrangeClock} says what was seen, and the control thread says it on. At most one
 * trial a second, since each derives keys. Inbound thread.
 */
final class StrangeHours implements AutoCloseable {
    private static final long INTERVAL_NS = 1_000_000_000L;

    private final Ciphers ciphers;
    private final KeyBatch keys;
    private boolean tried;
    private long triedAtNs;

    StrangeHours(Ciphers ciphers, KeyBatch.Random random) {
        this.ciphers = ciphers;
        this.keys = new KeyBatch(1, random);
    }

    /** @param scratch room for the plaintext, of which only the sender's time is read */
    void look(Snapshot snapshot, long datagram, int bytes, long nowTicks, long nowNs, long scratch) {
        SpiTable<StrangeHour> table = snapshot.strangeHours();
        int slot = table.first(DataHeader.spi(datagram));
        if (slot < 0 || (tried && nowNs - triedAtNs < INTERVAL_NS)) {
            return;
        }
        tried = true;
        triedAtNs = nowNs;
        StrangeHour strange = table.at(slot);
        if (DataHeader.suite(datagram) == strange.suite().code()
                && bytes >= strange.suite().overheadBytes()
                && opens(strange, datagram, bytes, scratch)) {
            long senderTicks = SkipTime.ticks(strange.hour(), InnerWord.time(OffHeap.i32(scratch)));
            strange.peer().strangeClock(new Peer.StrangeClock(senderTicks - nowTicks, nowNs));
        }
    }

    private boolean opens(StrangeHour strange, long datagram, int bytes, long scratch) {
        try (DirectionKeys directionKeys = strange.pair().receiving(strange.hour(), strange.suite());
                KeyEncryption encryption = new KeyEncryption(directionKeys)) {
            keys.add(
                    datagram + DataHeader.WRAPPED_KEY_OFFSET,
                    DataHeader.instance(datagram),
                    DataHeader.packetNumber(datagram),
                    DataHeader.type(datagram) == DataHeader.TYPE_KEPT_KEY);
            keys.unwrap(encryption, strange.suite().keyBytes());
            PacketCipher cipher = ciphers.of(strange.suite());
            boolean opens = cipher.open(keys.packetKey(0), datagram, bytes, scratch) >= 0;
            keys.clear();
            return opens;
        }
    }

    @Override
    public void close() {
        keys.close();
    }
}
