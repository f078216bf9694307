package org.culvert.core.lab.threats;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.culvert.keymgmt.trust.HostKey;

/**
 * Has recorded everything and stolen both host keys. His code follows doc/protocol.md and has nothing of the product's but its reader of
 * key files. Suite 1, X25519. One thread.
 */
final class Eavesdropper {
    private static final long SECONDS_TO_1995 = 788_918_400L;
    private static final int HEADER_BYTES = 32;
    private static final int HOURS_AROUND = 1;

    private final List<Direction> directions = new ArrayList<>();

    private record Direction(int spi, byte[] wrap, byte[] packet) {}

    Eavesdropper(String name, Path key, String otherName, Path otherKey) throws Exception {
        HostKey own = HostKey.read(key);
        HostKey other = HostKey.read(otherKey);
        KeyAgreement agreement = KeyAgreement.getInstance("X25519");
        agreement.init(own.privateKey());
        agreement.doPhase(KeyFactory.getInstance("X25519").generatePublic(new X509EncodedKeySpec(other.spki())), true);
        byte[] kij = mac("culvert v1 Kij".getBytes(StandardCharsets.US_ASCII), agreement.generateSecret());
        byte[] first = id(name, own.spki());
        byte[] second = id(otherName, other.spki());
        int hour = (int) ((System.currentTimeMillis() / 1000 - SECONDS_TO_1995) / 3600);
        for (int n = hour - HOURS_AROUND; n <= hour + HOURS_AROUND; n++) {
            directions.add(direction(kij, first, second, n));
            directions.add(direction(kij, second, first, n));
        }
    }

    /** What is behind the inner word of a recorded datagram, and the inner word itself; empty when he cannot open it. */
    Optional<byte[]> open(byte[] datagram) throws GeneralSecurityException {
        Optional<Direction> direction = direction(datagram);
        return direction.isEmpty() ? Optional.empty() : open(datagram, direction.get());
    }

    /** The same header with something else behind it, and the right tag. */
    byte[] holding(byte[] plaintext, byte[] datagram) throws GeneralSecurityException {
        Cipher gcm = cipher(Cipher.ENCRYPT_MODE, datagram, direction(datagram).orElseThrow());
        byte[] sealed = gcm.doFinal(plaintext);
        return ByteBuffer.allocate(HEADER_BYTES + sealed.length)
                .put(datagram, 0, HEADER_BYTES)
                .put(sealed)
                .array();
    }

    private Optional<Direction> direction(byte[] datagram) {
        ByteBuffer header = ByteBuffer.wrap(datagram);
        return directions.stream()
                .filter(each -> datagram.length > HEADER_BYTES && header.get(0) == 0x11 && header.getInt(4) == each.spi)
                .findFirst();
    }

    private static Optional<byte[]> open(byte[] datagram, Direction direction) throws GeneralSecurityException {
        Cipher gcm = cipher(Cipher.DECRYPT_MODE, datagram, direction);
        try {
            return Optional.of(gcm.doFinal(datagram, HEADER_BYTES, datagram.length - HEADER_BYTES));
        } catch (AEADBadTagException e) {
            return Optional.empty();
        }
    }

    /** Of the one packet; its header is authenticated already. */
    private static Cipher cipher(int mode, byte[] datagram, Direction direction) throws GeneralSecurityException {
        byte[] key = block(direction.wrap, Cipher.DECRYPT_MODE, Arrays.copyOfRange(datagram, 16, 32));
        byte[] number = new byte[16];
        System.arraycopy(datagram, 2, number, 0, 2);
        System.arraycopy(datagram, 8, number, 8, 8);
        byte[] mask = block(direction.packet, Cipher.ENCRYPT_MODE, number);
        for (int i = 0; i < key.length; i++) {
            key[i] ^= mask[i];
        }
        byte[] nonce = new byte[12];
        System.arraycopy(datagram, 2, nonce, 0, 2);
        System.arraycopy(datagram, 8, nonce, 4, 8);
        Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
        gcm.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
        gcm.updateAAD(datagram, 0, HEADER_BYTES);
        return gcm;
    }

    /** The low four bits of the inner word: 0 is a control message, 1 IPv4. */
    static int kind(byte[] opened) {
        return opened[3] & 15;
    }

    private static Direction direction(byte[] kij, byte[] sender, byte[] receiver, int n)
            throws GeneralSecurityException {
        byte[] context = ByteBuffer.allocate(69)
                .put(sender)
                .put(receiver)
                .putInt(n)
                .put((byte) 1)
                .array();
        return new Direction(
                ByteBuffer.wrap(expand(kij, "spi", context)).getInt(),
                expand(kij, "wrap", context),
                expand(kij, "packet", context));
    }

    private static byte[] id(String name, byte[] spki) throws GeneralSecurityException {
        byte[] text = name.getBytes(StandardCharsets.US_ASCII);
        return MessageDigest.getInstance("SHA-256")
                .digest(ByteBuffer.allocate(2 + text.length + spki.length)
                        .putShort((short) text.length)
                        .put(text)
                        .put(spki)
                        .array());
    }

    /** HKDF-Expand of at most one block: a prefix of a longer output is what a shorter one is. */
    private static byte[] expand(byte[] secret, String label, byte[] context) throws GeneralSecurityException {
        return mac(
                secret,
                HexFormat.of()
                        .parseHex(HexFormat.of().formatHex(label.getBytes(StandardCharsets.US_ASCII))
                                + HexFormat.of().formatHex(context) + "01"));
    }

    private static byte[] mac(byte[] key, byte[] data) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(data);
    }

    private static byte[] block(byte[] key, int mode, byte[] block) throws GeneralSecurityException {
        Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
        aes.init(mode, new SecretKeySpec(key, "AES"));
        return aes.doFinal(block);
    }
}
