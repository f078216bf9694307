package org.culvert.core.peer;

import org.culvert.core.wire.ControlMessage;
import org.culvert.tun.Endpoint;
import org.jspecify.annotations.Nullable;

/** Control messages of one peer on their way from the data path to the control thread, or the other way. */
public final class ControlRing extends SlotRing<ControlRing.Slot> {
    /** Of control messages. */
    public ControlRing(int slots) {
        this(slots, ControlMessage.KEPT_BYTES);
    }

    /**
     * @param slots a power of two
     * @param messageBytes longest message
     */
    public ControlRing(int slots, int messageBytes) {
        super(slots, () -> new Slot(messageBytes));
    }

    /** One message. Belongs to whoever claimed or peeked it. */
    public static final class Slot extends SlotRing.Slot {
        /** All of the message but the value of its padding. */
        public final byte[] message;

        public int messageBytes;

        /** Of the whole datagram, UDP payload; to be sent: what it is to be padded to, 0 for no padding. */
        public int datagramBytes;

        /** Received: where it came from. To be sent: where to, null for where the peer is. */
        public @Nullable Endpoint endpoint;

        /** To be sent: to whom. */
        public @Nullable Peer peer;

        /** Received: under whose key it opened. To be sent: under which, null for the one that data is sent under. */
        public @Nullable PairKeys pair;

        /** To be sent: not before a snapshot of this version is in use. */
        public long snapshotVersion;

        /** Received: sender's clock, own wall clock, and own monotonic clock at that moment. */
        public long senderTicks;

        public long receivedTicks;
        public long receivedNs;

        private Slot(int messageBytes) {
            this.message = new byte[messageBytes];
        }

        @Override
        protected void clear() {
            peer = null;
            endpoint = null;
            pair = null;
            snapshotVersion = 0;
        }
    }
}
