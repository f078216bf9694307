package org.culvert.core.flow;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Reads one datagram as vpn-core/doc/protocol.md says, with nothing of ours: only JCE primitives, one step per sentence of the
 * document. What this reads and what Inbound reads must be the same.
 */
final class SpecReader {
    private SpecReader() {}

    /** @return inner word and packet, or for the integrity suite the same in clear, once the tag is right */
    static byte[] open(TestGateway receiver, TestGateway sender, int hour, byte[] datagram) throws Exception {
        int header = 16 + keyBytes(datagram);
        Cipher cipher = cipher(Cipher.DECRYPT_MODE, receiver, sender, hour, datagram);
        if (datagram[1] == 4) {
            cipher.updateAAD(datagram, 0, datagram.length - 16);
            cipher.doFinal(datagram, datagram.length - 16, 16);
            return Arrays.copyOfRange(datagram, header, datagram.length - 16);
        }
        cipher.updateAAD(datagram, 0, header);
        return cipher.doFinal(datagram, header, datagram.length - header);
    }

    /**
     * What a sender of bad will could have sent instead: the same header, something else inside, and the right tag. Not for the integrity suite.
     *
     * @param plaintext inner word and what is to be the packet
     */
    static byte[] holding(byte[] plaintext, TestGateway receiver, TestGateway sender, int hour, byte[] datagram)
            throws Exception {
        int header = 16 + keyBytes(datagram);
        Cipher cipher = cipher(Cipher.ENCRYPT_MODE, receiver, sender, hour, datagram);
        cipher.updateAAD(datagram, 0, header);
        byte[] sealed = cipher.doFinal(plaintext);
        return ByteBuffer.allocate(header + sealed.length)
                .put(datagram, 0, header)
                .put(sealed)
                .array();
    }

    private static int keyBytes(byte[] datagram) {
        return datagram[1] == 1 || datagram[1] == 4 ? 16 : 32;
    }

    /** Of the one packet. */
    private static Cipher cipher(int mode, TestGateway receiver, TestGateway sender, int hour, byte[] datagram)
            throws Exception {
        KeyAgreement agreement = KeyAgreement.getInstance("X25519");
        agreement.init(receiver.keyPair.getPrivate());
        agreement.doPhase(sender.keyPair.getPublic(), true);
        byte[] kij = hmac("culvert v1 Kij".getBytes(StandardCharsets.US_ASCII), agreement.generateSecret());

        int suite = datagram[1];
        int keyBytes = keyBytes(datagram);
        ByteBuffer context = ByteBuffer.allocate(69);
        context.put(id(sender)).put(id(receiver)).putInt(hour).put((byte) suite);
        byte[] wrap = expand(kij, "wrap", context.array(), 32);
        byte[] packet = expand(kij, "packet", context.array(), 32);
        byte[] spi = expand(kij, "spi", context.array(), 4);
        if (!Arrays.equals(spi, Arrays.copyOfRange(datagram, 4, 8))) {
            throw new AssertionError("SPI");
        }

        byte[] key = aes(Cipher.DECRYPT_MODE, wrap, Arrays.copyOfRange(datagram, 16, 16 + keyBytes));
        if ((datagram[0] & 15) == 1) {
            for (int half = 0; half < keyBytes / 16; half++) {
                byte[] block = new byte[16];
                System.arraycopy(datagram, 2, block, 0, 2);
                block[2] = (byte) half;
                System.arraycopy(datagram, 8, block, 8, 8);
                byte[] mask = aes(Cipher.ENCRYPT_MODE, packet, block);
                for (int i = 0; i < 16; i++) {
                    key[half * 16 + i] ^= mask[i];
                }
            }
        }

        byte[] nonce = new byte[12];
        System.arraycopy(datagram, 2, nonce, 0, 2);
        System.arraycopy(datagram, 8, nonce, 4, 8);
        Cipher cipher = Cipher.getInstance(suite == 3 ? "ChaCha20-Poly1305" : "AES/GCM/NoPadding");
        cipher.init(
                mode,
                new SecretKeySpec(key, suite == 3 ? "ChaCha20" : "AES"),
                suite == 3 ? new IvParameterSpec(nonce) : new GCMParameterSpec(128, nonce));
        return cipher;
    }

    private static byte[] id(TestGateway gateway) throws Exception {
        byte[] ascii = gateway.name.getBytes(StandardCharsets.US_ASCII);
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        sha256.update(ByteBuffer.allocate(2).putShort((short) ascii.length).array());
        sha256.update(ascii);
        return sha256.digest(gateway.keyPair.getPublic().getEncoded());
    }

    private static byte[] expand(byte[] secret, String label, byte[] context, int bytes) throws Exception {
        ByteBuffer info = ByteBuffer.allocate(label.length() + context.length + 1);
        info.put(label.getBytes(StandardCharsets.US_ASCII)).put(context).put((byte) 1);
        return Arrays.copyOf(hmac(secret, info.array()), bytes);
    }

    private static byte[] hmac(byte[] key, byte[] data) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(data);
    }

    private static byte[] aes(int mode, byte[] key, byte[] blocks) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"));
        return cipher.doFinal(blocks);
    }
}
