package org.culvert.core.epoch;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.culvert.core.wire.ControlMessage;
import org.jspecify.annotations.Nullable;

/**
 * The items of one control message that are the exchange's, read from or written to bytes of our own. Those read are of a message that
 * {@link ControlMessage#readable} said yes to: every item is whole and as long as it must be.
 *
 * @param probe with an echo, which a release that knows none of the others answers all the same: only written
 */
public record Items(
        @Nullable Announcement announcement,
        @Nullable Proof proof,
        @Nullable Part part,
        @Nullable Confirm confirm,
        boolean probe) {
    public Items(
            @Nullable Announcement announcement,
            @Nullable Proof proof,
            @Nullable Part part,
            @Nullable Confirm confirm) {
        this(announcement, proof, part, confirm, false);
    }

    /** Bytes of a KEM message in one part at most. */
    static final int PART_BYTES = 800;

    /** No KEM message is longer. */
    static final int MOST_KEM_BYTES = 2048;

    private static final int PROOF_BYTES = 16;

    /**
     * What a gateway says of its epoch.
     *
     * @param leftMs of its epoch
     * @param cookie to be echoed by whoever is where this goes
     * @param echo of the other side's cookie, 0: none
     * @param answers tag of the core that this answers, 0: a first
     */
    public record Announcement(Core core, long leftMs, int cookie, int echo, int answers) {}

    /** That the sender has the pair. */
    public static final class Proof {
        private final byte[] value;
        private final byte[] ciphertextHash;

        public Proof(byte[] value, byte[] ciphertextHash) {
            this.value = value.clone();
            this.ciphertextHash = ciphertextHash.clone();
        }

        public byte[] value() {
            return value.clone();
        }

        boolean isOf(byte[] ciphertext) {
            return Arrays.equals(
                    ciphertextHash, ciphertext.length == 0 ? new byte[Core.HASH_BYTES] : Core.hash(ciphertext));
        }

        int kemTag() {
            return Core.tagOf(ciphertextHash, 0);
        }

        boolean withKem() {
            return !Arrays.equals(ciphertextHash, new byte[Core.HASH_BYTES]);
        }
    }

    /** A piece of a KEM key or ciphertext. */
    public static final class Part {
        private final int tag;
        private final int echo;
        private final int offset;
        private final int total;
        private final byte[] bytes;

        Part(int tag, int echo, int offset, int total, byte[] bytes) {
            this.tag = tag;
            this.echo = echo;
            this.offset = offset;
            this.total = total;
            this.bytes = bytes;
        }

        int tag() {
            return tag;
        }

        int echo() {
            return echo;
        }

        int offset() {
            return offset;
        }

        int total() {
            return total;
        }

        byte[] bytes() {
            return bytes;
        }
    }

    /**
     * That packets under the pair arrive.
     *
     * @param heard false: "answer me"
     * @param leftMs of the sender's epoch
     */
    public record Confirm(boolean heard, long leftMs) {}

    /** Null: the message has none of them. */
    public static @Nullable Items read(byte[] message, int length) {
        Announcement announcement = null;
        Proof proof = null;
        Part part = null;
        Confirm confirm = null;
        ByteBuffer in = ByteBuffer.wrap(message);
        int at = ControlMessage.HEADER_BYTES;
        while (at + ControlMessage.ITEM_HEADER_BYTES <= length) {
            int value = at + ControlMessage.ITEM_HEADER_BYTES;
            int end = value + (in.getShort(at + 2) & 0xffff);
            switch (in.getShort(at) & 0xffff) {
                case ControlMessage.EPOCH ->
                    announcement = new Announcement(
                            Core.read(message, value + 16, end),
                            in.getInt(value) & 0xffff_ffffL,
                            in.getInt(value + 4),
                            in.getInt(value + 8),
                            in.getInt(value + 12));
                case ControlMessage.PROOF ->
                    proof = new Proof(
                            Arrays.copyOfRange(message, value, value + PROOF_BYTES),
                            Arrays.copyOfRange(message, value + PROOF_BYTES, value + PROOF_BYTES + Core.HASH_BYTES));
                case ControlMessage.PART ->
                    part = new Part(
                            in.getInt(value),
                            in.getInt(value + 4),
                            in.getShort(value + 8) & 0xffff,
                            in.getShort(value + 10) & 0xffff,
                            Arrays.copyOfRange(message, value + 12, end));
                case ControlMessage.CONFIRM ->
                    confirm = new Confirm(message[value] != 0, in.getInt(value + 1) & 0xffff_ffffL);
                default -> {}
            }
            at = end;
        }
        return announcement == null && proof == null && part == null && confirm == null
                ? null
                : new Items(announcement, proof, part, confirm);
    }

    /** The whole control message. */
    public byte[] write() {
        ByteBuffer out = ByteBuffer.allocate(ControlMessage.KEPT_BYTES);
        out.put((byte) ControlMessage.VERSION).put((byte) 0);
        if (announcement != null) {
            byte[] core = announcement.core().bytes();
            header(out, ControlMessage.EPOCH, 16 + core.length)
                    .putInt((int) announcement.leftMs())
                    .putInt(announcement.cookie())
                    .putInt(announcement.echo())
                    .putInt(announcement.answers())
                    .put(core);
        }
        if (proof != null) {
            header(out, ControlMessage.PROOF, PROOF_BYTES + Core.HASH_BYTES)
                    .put(proof.value)
                    .put(proof.ciphertextHash);
        }
        if (part != null) {
            header(out, ControlMessage.PART, 12 + part.bytes.length)
                    .putInt(part.tag)
                    .putInt(part.echo)
                    .putShort((short) part.offset)
                    .putShort((short) part.total)
                    .put(part.bytes);
        }
        if (confirm != null) {
            header(out, ControlMessage.CONFIRM, 5)
                    .put((byte) (confirm.heard() ? 1 : 0))
                    .putInt((int) confirm.leftMs());
        }
        if (probe) {
            header(out, ControlMessage.ECHO, ControlMessage.ECHO_BYTES).putLong(0);
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    private static ByteBuffer header(ByteBuffer out, int type, int length) {
        return out.putShort((short) type).putShort((short) length);
    }
}
