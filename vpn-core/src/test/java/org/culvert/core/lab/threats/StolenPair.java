package org.culvert.core.lab.threats;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Packets under a master secret that somebody has who should not: one voice of the two, and what the other says. It follows
 * doc/protocol.md and has nothing of the product's. Suite 1, X25519. One thread.
 */
final class StolenPair {
    static final int CONTROL = 0;
    static final int IPV4 = 1;

    private static final HexFormat HEX = HexFormat.of();
    private static final String X25519_SPKI = "302a300506032b656e032100";
    private static final long SECONDS_TO_1995 = 788_918_400L;
    private static final int HEADER_BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final byte[] master;
    private final byte[] self;
    private final byte[] other;
    private final byte[] transcript;
    private final short instance = (short) RANDOM.nextInt();
    private long number;

    /** @param transcript H of an epoch pair; empty for a static one */
    StolenPair(byte[] master, byte[] self, byte[] other, byte[] transcript) {
        this.master = master;
        this.self = self;
        this.other = other;
        this.transcript = transcript;
        this.number = (System.currentTimeMillis() - SECONDS_TO_1995 * 1000) * 10_000;
    }

    /** The pair that two host keys make. */
    static StolenPair ofStatic(PrivateKey one, byte[] spkiOfTheOther, byte[] self, byte[] other)
            throws GeneralSecurityException {
        return new StolenPair(mac(ascii("culvert v1 Kij"), dh(one, raw(spkiOfTheOther))), self, other, new byte[0]);
    }

    /** A datagram to the other. */
    byte[] seal(int kind, byte[] body) throws GeneralSecurityException {
        long ms = System.currentTimeMillis() - SECONDS_TO_1995 * 1000;
        int hour = (int) (ms / 3_600_000);
        int time = (int) (ms % 3_600_000 * 32_768 / 1000);
        byte[] context = context(self, other, hour);
        byte[] key = new byte[16];
        RANDOM.nextBytes(key);
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES)
                .put((byte) 0x11)
                .put((byte) 1)
                .putShort(instance)
                .putInt(spi(context))
                .putLong(++number)
                .put(block(expand(master, "wrap", context), Cipher.ENCRYPT_MODE, key));
        byte[] plain = ByteBuffer.allocate(4 + body.length)
                .putInt(time << 5 | kind)
                .put(body)
                .array();
        byte[] sealed = gcm(Cipher.ENCRYPT_MODE, header.array(), key, context, plain);
        return ByteBuffer.allocate(HEADER_BYTES + sealed.length)
                .put(header.array())
                .put(sealed)
                .array();
    }

    /** Inner word and what is behind it of a datagram of the other; empty: it is not under this master. */
    Optional<byte[]> open(byte[] datagram) throws GeneralSecurityException {
        int hour = (int) ((System.currentTimeMillis() / 1000 - SECONDS_TO_1995) / 3600);
        for (int n = hour - 1; n <= hour + 1; n++) {
            byte[] context = context(other, self, n);
            ByteBuffer header = ByteBuffer.wrap(datagram);
            if (datagram.length > HEADER_BYTES && header.get(0) == 0x11 && header.getInt(4) == spi(context)) {
                byte[] wrapped = Arrays.copyOfRange(datagram, 16, HEADER_BYTES);
                byte[] key = block(expand(master, "wrap", context), Cipher.DECRYPT_MODE, wrapped);
                try {
                    return Optional.of(gcm(
                            Cipher.DECRYPT_MODE,
                            Arrays.copyOf(datagram, HEADER_BYTES),
                            key,
                            context,
                            Arrays.copyOfRange(datagram, HEADER_BYTES, datagram.length)));
                } catch (AEADBadTagException e) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    /** What shows the other side that we have the master, or us that it has. */
    byte[] proof(boolean ours) throws GeneralSecurityException {
        byte[] ids = ours ? concat(self, other) : concat(other, self);
        return Arrays.copyOf(expand(master, "confirm", concat(ids, transcript)), 16);
    }

    private byte[] gcm(int mode, byte[] header, byte[] trafficKey, byte[] context, byte[] text)
            throws GeneralSecurityException {
        byte[] position = new byte[16];
        System.arraycopy(header, 2, position, 0, 2);
        System.arraycopy(header, 8, position, 8, 8);
        byte[] key = block(expand(master, "packet", context), Cipher.ENCRYPT_MODE, position);
        for (int i = 0; i < key.length; i++) {
            key[i] ^= trafficKey[i];
        }
        byte[] nonce = new byte[12];
        System.arraycopy(header, 2, nonce, 0, 2);
        System.arraycopy(header, 8, nonce, 4, 8);
        Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
        gcm.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
        gcm.updateAAD(header);
        return gcm.doFinal(text);
    }

    private byte[] context(byte[] sender, byte[] receiver, int hour) {
        return ByteBuffer.allocate(69 + transcript.length)
                .put(sender)
                .put(receiver)
                .putInt(hour)
                .put((byte) 1)
                .put(transcript)
                .array();
    }

    private int spi(byte[] context) throws GeneralSecurityException {
        return ByteBuffer.wrap(expand(master, "spi", context)).getInt();
    }

    static byte[] id(String name, byte[] spki) throws GeneralSecurityException {
        byte[] text = ascii(name);
        return sha256(ByteBuffer.allocate(2 + text.length + spki.length)
                .putShort((short) text.length)
                .put(text)
                .put(spki)
                .array());
    }

    static byte[] dh(PrivateKey own, byte[] theirs) throws GeneralSecurityException {
        KeyAgreement agreement = KeyAgreement.getInstance("X25519");
        agreement.init(own);
        byte[] spki = concat(HEX.parseHex(X25519_SPKI), theirs);
        agreement.doPhase(KeyFactory.getInstance("X25519").generatePublic(new X509EncodedKeySpec(spki)), true);
        return agreement.generateSecret();
    }

    /** The 32 bytes of an X25519 key. */
    static byte[] raw(byte[] spki) {
        return Arrays.copyOfRange(spki, spki.length - 32, spki.length);
    }

    static byte[] sha256(byte[] data) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-256").digest(data);
    }

    /** HMAC, and so HKDF-Extract with a salt. */
    static byte[] mac(byte[] key, byte[] data) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(data);
    }

    /** HKDF-Expand of at most one block: a prefix of a longer output is what a shorter one is. */
    static byte[] expand(byte[] secret, String label, byte[] context) throws GeneralSecurityException {
        return mac(secret, concat(concat(ascii(label), context), new byte[] {1}));
    }

    static byte[] concat(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] block(byte[] key, int mode, byte[] block) throws GeneralSecurityException {
        Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
        aes.init(mode, new SecretKeySpec(key, "AES"));
        return aes.doFinal(block);
    }
}
