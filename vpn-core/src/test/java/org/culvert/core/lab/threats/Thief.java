package org.culvert.core.lab.threats;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.culvert.keymgmt.trust.HostKey;

/**
 * Has stolen the host key of one gateway, the owner, and knows the certificate of its peer. Since the secret of the static pair is the
 * same on both sides, he can say under it what he likes, as either of the two to the other. His code follows doc/protocol.md. One thread.
 */
final class Thief {
    private static final int ANNOUNCEMENT = 16;
    private static final int PROOF = 17;
    private static final int PART = 18;
    private static final int CONFIRM = 19;
    private static final int REFUSAL = 32;
    private static final byte REQUIRED = 2;

    /** To the owner of the stolen key he is its peer; to the peer its owner. */
    final StolenPair asPeer;

    final StolenPair asOwner;
    private final PrivateKey stolen;
    private final byte[] ownersSpki;
    private final byte[] peersSpki;
    private final byte[] ownersId;
    private final byte[] peersId;

    /** An epoch key of his own, and what he announces with it. */
    record Lure(KeyPair key, byte[] core) {}

    /** What somebody announced: its core, its cookie, and the proof beside it, empty where there was none. */
    record Heard(byte[] core, int cookie, int answers, byte[] proof) {
        byte[] key() {
            return Arrays.copyOfRange(core, 28, core.length);
        }
    }

    Thief(String owner, HostKey stolen, String peer, byte[] peersSpki) throws GeneralSecurityException {
        this.stolen = stolen.privateKey();
        this.ownersSpki = stolen.spki();
        this.peersSpki = peersSpki;
        this.ownersId = StolenPair.id(owner, ownersSpki);
        this.peersId = StolenPair.id(peer, peersSpki);
        this.asPeer = StolenPair.ofStatic(this.stolen, peersSpki, peersId, ownersId);
        this.asOwner = StolenPair.ofStatic(this.stolen, peersSpki, ownersId, peersId);
    }

    static Lure lure() throws GeneralSecurityException {
        KeyPair key = KeyPairGenerator.getInstance("X25519").generateKeyPair();
        return new Lure(key, core(StolenPair.raw(key.getPublic().getEncoded())));
    }

    /** Without ML-KEM: he wants a pair as easy as can be. */
    static byte[] core(byte[] epochKey) {
        return ByteBuffer.allocate(28 + epochKey.length)
                .put(REQUIRED)
                .put((byte) 0)
                .putShort((short) 0xf)
                .putInt(ThreadLocalRandom.current().nextInt())
                .putInt(1)
                .put(new byte[16])
                .put(epochKey)
                .array();
    }

    // What he says, as control messages

    static byte[] first(byte[] core, int cookie) {
        return message(ANNOUNCEMENT, announcement(core, cookie, 0, 0));
    }

    /** "I have forgotten you, and have no room for more." */
    static byte[] asks(int mode) {
        byte[] core = ByteBuffer.allocate(12).put((byte) mode).array();
        return message(ANNOUNCEMENT, announcement(core, 7, 0, 0));
    }

    static byte[] answer(byte[] core, Heard first, byte[] proof) throws GeneralSecurityException {
        int answers = ByteBuffer.wrap(StolenPair.sha256(first.core)).getInt();
        byte[] said = message(ANNOUNCEMENT, announcement(core, 4711, first.cookie, answers));
        return StolenPair.concat(said, item(PROOF, StolenPair.concat(proof, new byte[16])));
    }

    static byte[] part() {
        byte[] noise = new byte[12 + 800];
        ThreadLocalRandom.current().nextBytes(noise);
        return message(PART, noise);
    }

    static byte[] confirm() {
        return message(CONFIRM, new byte[] {0, 0, 0, 0x27, 0x10});
    }

    /** "Your suite is below my floor." */
    static byte[] refusal() {
        return message(
                REFUSAL, ByteBuffer.allocate(42).putShort((short) 1).putLong(1).array());
    }

    private static byte[] announcement(byte[] core, int cookie, int echo, int answers) {
        return ByteBuffer.allocate(16 + core.length)
                .putInt(60_000)
                .putInt(cookie)
                .putInt(echo)
                .putInt(answers)
                .put(core)
                .array();
    }

    private static byte[] message(int type, byte[] value) {
        return StolenPair.concat(new byte[] {1, 0}, item(type, value));
    }

    private static byte[] item(int type, byte[] value) {
        return ByteBuffer.allocate(4 + value.length)
                .putShort((short) type)
                .putShort((short) value.length)
                .put(value)
                .array();
    }

    // What he hears

    /** The announcement in what was opened: inner word and message. */
    static Optional<Heard> announced(byte[] opened) {
        byte[] announcement = new byte[0];
        byte[] proof = new byte[0];
        ByteBuffer in = ByteBuffer.wrap(opened);
        int at = 4 + 2;
        while ((opened[3] & 15) == StolenPair.CONTROL && at + 4 <= opened.length) {
            int type = in.getShort(at);
            int end = at + 4 + in.getShort(at + 2);
            byte[] value = Arrays.copyOfRange(opened, at + 4, end);
            announcement = type == ANNOUNCEMENT ? value : announcement;
            proof = type == PROOF ? Arrays.copyOf(value, 16) : proof;
            at = end;
        }
        if (announcement.length <= 28) {
            return Optional.empty();
        }
        ByteBuffer said = ByteBuffer.wrap(announcement);
        return Optional.of(new Heard(
                Arrays.copyOfRange(announcement, 16, announcement.length), said.getInt(4), said.getInt(12), proof));
    }

    /** A KEM key or ciphertext of so many bytes, put together of the parts in what was opened. */
    static Optional<byte[]> kemMessage(List<byte[]> opened, int bytes) {
        byte[] whole = new byte[bytes];
        int known = 0;
        for (byte[] each : opened) {
            ByteBuffer in = ByteBuffer.wrap(each);
            if ((each[3] & 15) == StolenPair.CONTROL && each.length > 22 && in.getShort(6) == PART) {
                int length = in.getShort(8) - 12;
                int offset = in.getShort(18);
                if (in.getShort(20) == bytes && offset == known) {
                    System.arraycopy(each, 22, whole, offset, length);
                    known += length;
                }
            }
        }
        return known == bytes ? Optional.of(whole) : Optional.empty();
    }

    /**
     * The pair of his lure and what the owner answered, as its peer would have it.
     *
     * @param missing what he lacks: DH of the owner's epoch key and the peer's host key
     */
    StolenPair pair(Lure lure, Heard owner, byte[] missing) throws GeneralSecurityException {
        byte[] staticStatic = StolenPair.dh(stolen, StolenPair.raw(peersSpki));
        byte[] lureStatic = StolenPair.dh(lure.key.getPrivate(), StolenPair.raw(ownersSpki));
        byte[] lureEpoch = StolenPair.dh(lure.key.getPrivate(), owner.key());
        boolean ownerIsA = ownerIsA();
        ByteBuffer input = ByteBuffer.allocate(4 * 32)
                .put(staticStatic)
                .put(ownerIsA ? missing : lureStatic)
                .put(ownerIsA ? lureStatic : missing)
                .put(lureEpoch);
        byte[] master = StolenPair.mac(StolenPair.ascii("culvert v1 epoch"), input.array());
        byte[] transcript = transcript(
                ownerIsA ? ownersId : peersId,
                ownerIsA ? peersId : ownersId,
                ownerIsA ? owner.core : lure.core,
                ownerIsA ? lure.core : owner.core,
                0,
                new byte[64]);
        return new StolenPair(master, peersId, ownersId, transcript);
    }

    /** H. @param kemHashes of key and ciphertext */
    static byte[] transcript(byte[] idOfA, byte[] idOfB, byte[] coreOfA, byte[] coreOfB, int role, byte[] kemHashes)
            throws GeneralSecurityException {
        byte[] label = StolenPair.ascii("culvert v1 epoch transcript");
        return StolenPair.sha256(ByteBuffer.allocate(label.length + 64 + 4 + coreOfA.length + coreOfB.length + 65)
                .put(label)
                .put(idOfA)
                .put(idOfB)
                .putShort((short) coreOfA.length)
                .put(coreOfA)
                .putShort((short) coreOfB.length)
                .put(coreOfB)
                .put((byte) role)
                .put(kemHashes)
                .array());
    }

    /** All he can put in its place: every DH that he can compute of the keys he knows, and nothing. */
    byte[][] guesses(Lure lure, Heard owner) throws GeneralSecurityException {
        return new byte[][] {
            new byte[32],
            StolenPair.dh(stolen, StolenPair.raw(peersSpki)),
            StolenPair.dh(stolen, owner.key()),
            StolenPair.dh(stolen, StolenPair.raw(ownersSpki)),
            StolenPair.dh(lure.key.getPrivate(), owner.key()),
            StolenPair.dh(lure.key.getPrivate(), StolenPair.raw(peersSpki)),
            StolenPair.dh(lure.key.getPrivate(), StolenPair.raw(ownersSpki)),
        };
    }

    private boolean ownerIsA() throws GeneralSecurityException {
        return Arrays.compareUnsigned(StolenPair.sha256(ownersSpki), StolenPair.sha256(peersSpki)) < 0;
    }
}
