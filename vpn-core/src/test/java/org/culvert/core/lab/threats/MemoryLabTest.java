package org.culvert.core.lab.threats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.interfaces.XECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.Frames;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Office;
import org.culvert.keymgmt.trust.HostKey;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Both host keys are stolen, everything was recorded, and birlinghoven's memory is read twice: during an epoch, and a minute after its end.
 * The host keys open the recorded announcements, and those say what to look for. The first dump holds what opens the epoch's packets; of
 * the second nothing may be left that could be erased.
 */
@Tag("nightly")
class MemoryLabTest extends CrossingLab {
    private static final long SECONDS_TO_1995 = 788_918_400L;
    private static final int MANY_KEYS = 8;

    /** A burst's keys are gone with the gateway's next change of keys, and that may be just then. */
    private static final int DUMPS = 3;

    private static final int HEADER_BYTES = 32;
    private static final int BURST_BYTES = 2 << 20;
    private static final Duration EPOCH_AND_GRACE = Duration.ofSeconds(60 + 60 + 5);

    @Override
    protected List<String> needs() {
        return List.of("ping/iputils-ping");
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void holdsNoSecretOfAnEpochAMinuteAfterItsEnd() throws Exception {
        configureBoth();
        for (Office office : List.of(tokyo, birlinghoven)) {
            office.reconfigure("[[peer]]\n", "epoch = \"1m\"\n\n[[peer]]\nforward-secrecy = \"required\"\n");
        }
        long startedNs;
        List<byte[]> recorded;
        List<MemoryDump> during = new ArrayList<>();
        try (Capture capture = Capture.start(sites.wan(), "birlinghoven")) {
            startBoth();
            startedNs = System.nanoTime();
            Await.until(
                    "agreed",
                    Duration.ofSeconds(10),
                    () -> tokyo.ping(birlinghoven, 1, "-W", "1").received() == 1);
            while (during.size() < DUMPS) {
                burst(tokyo, birlinghoven);
                burst(birlinghoven, tokyo); // and from then on single packets, with a key each
                assertAllAnswered(tokyo.pingOneByOne(birlinghoven, 5));
                during.add(MemoryDump.of(birlinghoven.daemon().pid()));
            }
            recorded = capture.stop();
        }
        var wanted = new Wanted(recorded);
        Map<String, byte[]> secrets = secrets(wanted, find(during.getFirst(), wanted));
        int packetKeys = 0;
        for (MemoryDump each : during) {
            Map<String, Integer> held = summed(each.holds(secrets));
            report(
                    "dump of %d MB during the epoch, of %d datagrams, holds %s",
                    each.bytes() >> 20, wanted.datagrams.size(), held);
            packetKeys = Math.max(packetKeys, held.getOrDefault("packet key", 0));
        }
        assertTrue(packetKeys > MANY_KEYS, "bursts whose keys nobody drew at once");

        while (System.nanoTime() - startedNs < EPOCH_AND_GRACE.toNanos()) {
            assertAllAnswered(tokyo.pingOneByOne(birlinghoven, 5)); // through two changes of epoch
            Thread.sleep(500);
        }
        MemoryDump after = MemoryDump.of(birlinghoven.daemon().pid());
        Map<String, Integer> heldAfter = after.holds(secrets);
        report("dump of %d MB after it holds %s", after.bytes() >> 20, summed(heldAfter));
        assertTrue(heldAfter.remove("static host key") != null, "a blind search: the host key lives on");
        assertEquals(Map.of(), summed(heldAfter), "secrets of an epoch that is over");
    }

    private static Found find(MemoryDump during, Wanted wanted) {
        Found found = new Found();
        during.candidates(each -> look(each, wanted, found));
        assertNotNull(found.scalar, "not even the present epoch's private key was found");
        assertNotNull(found.master, "nor its master secret");
        assertNotNull(found.kemSeed, "nor the seed of its KEM key");
        return found;
    }

    /** As fast as TCP can: the gateways have super-packets at hand, and draw and unwrap keys of many packets at once. */
    private static void burst(Office from, Office to) throws Exception {
        InetAddress there = InetAddress.getByName(to.site().host4());
        try (ServerSocket server = to.host().inside(() -> new ServerSocket(0, 1, there));
                Socket sending = from.host().inside(() -> new Socket(there, server.getLocalPort()));
                Socket receiving = server.accept()) {
            Thread writer = Thread.ofPlatform().daemon().name("burst").start(() -> write(sending));
            assertEquals(BURST_BYTES, receiving.getInputStream().readAllBytes().length);
            writer.join();
        }
    }

    private static void write(Socket sending) {
        try {
            sending.getOutputStream().write(new byte[BURST_BYTES]);
            sending.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // what did not arrive will be missed
        }
    }

    /** Copies of each kind: all hours' and suites' Kijn are one. */
    private static Map<String, Integer> summed(Map<String, Integer> held) {
        Map<String, Integer> kinds = new TreeMap<>();
        held.forEach((name, copies) -> kinds.merge(name.replaceAll(" (of|as) .*", ""), copies, Integer::sum));
        return kinds;
    }

    /** What the first dump gave away. */
    private static final class Found {
        byte[] scalar;
        byte[] master;
        byte[] kemSeed;
    }

    private static void look(byte[] window, Wanted wanted, Found found) {
        byte[] half = Arrays.copyOf(window, MemoryDump.WINDOW_BYTES);
        try {
            if (found.master == null && Arrays.equals(wanted.proofUnder(half), wanted.proof)) {
                found.master = half;
            } else if (found.kemSeed == null && wanted.isKemSeed(half)) {
                found.kemSeed = window;
            } else if (found.scalar == null && wanted.isScalar(half)) {
                found.scalar = half;
            }
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** What the recorded announcements say: public all of it, for who has the host keys. */
    private final class Wanted {
        final List<byte[]> datagrams;
        final byte[] ownCore;
        final byte[] theirCore;
        final byte[] proof;
        final boolean ownProof;
        final byte[] ownKemKey;
        final byte[] transcript;
        final byte[] ownId;
        final byte[] theirId;
        final HostKey own;
        final HostKey theirs;

        Wanted(List<byte[]> recorded) throws Exception {
            datagrams = recorded.stream()
                    .filter(frame -> Frames.isUdp(frame, PORT))
                    .map(Frames::udpPayload)
                    .flatMap(MemoryLabTest::cut)
                    .toList();
            own = HostKey.read(folder.resolve("birlinghoven/host.key"));
            theirs = HostKey.read(folder.resolve("tokyo/host.key"));
            ownId = StolenPair.id("birlinghoven", own.spki());
            theirId = StolenPair.id("tokyo", theirs.spki());
            List<byte[]> fromOwn = opened(recorded, birlinghoven, theirId, ownId);
            List<byte[]> fromTheirs = opened(recorded, tokyo, ownId, theirId);
            Optional<Thief.Heard> ownAnswer = answer(fromOwn);
            Optional<Thief.Heard> theirAnswer = answer(fromTheirs);
            ownProof = ownAnswer.isPresent();
            Thief.Heard answer = ownAnswer.or(() -> theirAnswer).orElseThrow();
            proof = answer.proof();
            ownCore = ownProof ? answer.core() : first(fromOwn).core();
            theirCore = ownProof ? first(fromTheirs).core() : answer.core();
            ownKemKey = Thief.kemMessage(fromOwn, 1184).orElse(new byte[1184]);
            byte[] kemKey =
                    Thief.kemMessage(ownProof ? fromTheirs : fromOwn, 1184).orElseThrow();
            byte[] ciphertext =
                    Thief.kemMessage(ownProof ? fromOwn : fromTheirs, 1088).orElseThrow();
            boolean ownIsA =
                    Arrays.compareUnsigned(StolenPair.sha256(own.spki()), StolenPair.sha256(theirs.spki())) < 0;
            transcript = Thief.transcript(
                    ownIsA ? ownId : theirId,
                    ownIsA ? theirId : ownId,
                    ownIsA ? ownCore : theirCore,
                    ownIsA ? theirCore : ownCore,
                    ownIsA == ownProof ? 2 : 1,
                    StolenPair.concat(StolenPair.sha256(kemKey), StolenPair.sha256(ciphertext)));
        }

        private List<byte[]> opened(List<byte[]> recorded, Office from, byte[] self, byte[] other) throws Exception {
            StolenPair pair = StolenPair.ofStatic(own.privateKey(), theirs.spki(), self, other);
            InetAddress source = InetAddress.getByName(from.site().wan4());
            List<byte[]> opened = new ArrayList<>();
            for (byte[] frame : recorded) {
                if (Frames.isUdp(frame, PORT) && Frames.source(frame).equals(source)) {
                    pair.open(Frames.udpPayload(frame)).ifPresent(opened::add);
                }
            }
            return opened;
        }

        private static Optional<Thief.Heard> answer(List<byte[]> opened) {
            return opened.stream()
                    .flatMap(each -> Thief.announced(each).stream())
                    .filter(each -> each.proof().length > 0)
                    .findFirst();
        }

        private static Thief.Heard first(List<byte[]> opened) {
            return opened.stream()
                    .flatMap(each -> Thief.announced(each).stream())
                    .findFirst()
                    .orElseThrow();
        }

        byte[] proofUnder(byte[] master) throws GeneralSecurityException {
            return ownProof
                    ? new StolenPair(master, ownId, theirId, transcript).proof(true)
                    : new StolenPair(master, ownId, theirId, transcript).proof(false);
        }

        boolean isScalar(byte[] candidate) {
            byte[] publicKey = new byte[32];
            X25519.scalarMultBase(candidate, 0, publicKey, 0);
            return Arrays.equals(publicKey, 0, 32, ownCore, 28, 60);
        }

        /** FIPS 203, algorithm 13: the last 32 bytes of the key are the first of G(d, 3). */
        boolean isKemSeed(byte[] d) throws GeneralSecurityException {
            byte[] hash = MessageDigest.getInstance("SHA3-512").digest(StolenPair.concat(d, new byte[] {3}));
            return Arrays.equals(hash, 0, 32, ownKemKey, 1152, 1184);
        }
    }

    /** All that follows from what was found, each also as 32-bit words in the processor's order, as key schedules and scalars are. */
    private static Map<String, byte[]> secrets(Wanted wanted, Found found) throws Exception {
        Map<String, byte[]> plain = new HashMap<>();
        PrivateKey scalar = KeyFactory.getInstance("X25519")
                .generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, found.scalar.clone()));
        plain.put(
                "static host key",
                ((XECPrivateKey) wanted.own.privateKey()).getScalar().orElseThrow());
        plain.put("epoch key", Arrays.copyOfRange(found.scalar, 8, 24)); // but for the ends, which clamping changes
        plain.put("KEM seed d", Arrays.copyOf(found.kemSeed, 32));
        plain.put("KEM seed z", Arrays.copyOfRange(found.kemSeed, 32, 64));
        plain.put("master", found.master);
        plain.put("DH(Ei,Sj)", StolenPair.dh(scalar, StolenPair.raw(wanted.theirs.spki())));
        plain.put("DH(Ei,Ej)", StolenPair.dh(scalar, Arrays.copyOfRange(wanted.theirCore, 28, 60)));
        plain.put("DH(Si,Ej)", StolenPair.dh(wanted.own.privateKey(), Arrays.copyOfRange(wanted.theirCore, 28, 60)));
        int hour = (int) ((System.currentTimeMillis() / 1000 - SECONDS_TO_1995) / 3600);
        for (int n = hour - 1; n <= hour + 1; n++) {
            for (byte suite = 1; suite <= 4; suite++) {
                for (boolean out : new boolean[] {true, false}) {
                    byte[] context = ByteBuffer.allocate(69 + 32)
                            .put(out ? wanted.ownId : wanted.theirId)
                            .put(out ? wanted.theirId : wanted.ownId)
                            .putInt(n)
                            .put(suite)
                            .put(wanted.transcript)
                            .array();
                    String of = " of suite " + suite + ", hour " + (n - hour) + (out ? ", out" : ", in");
                    plain.put("Kijn" + of, StolenPair.expand(found.master, "wrap", context));
                    plain.put("K2ijn" + of, StolenPair.expand(found.master, "packet", context));
                    int spi = ByteBuffer.wrap(StolenPair.expand(found.master, "spi", context))
                            .getInt();
                    plain.putAll(packetKeys(wanted.datagrams, spi, plain.get("Kijn" + of), plain.get("K2ijn" + of)));
                }
            }
        }
        Map<String, byte[]> all = new TreeMap<>(plain);
        plain.forEach((name, bytes) -> all.put(name + " as words", swapped(bytes)));
        return all;
    }

    /** Kp, and what the packet was sealed with: out of the headers of what was recorded under these keys. */
    private static Map<String, byte[]> packetKeys(List<byte[]> datagrams, int spi, byte[] wrap, byte[] packet)
            throws Exception {
        Cipher unwrap = Cipher.getInstance("AES/ECB/NoPadding");
        unwrap.init(Cipher.DECRYPT_MODE, new SecretKeySpec(wrap, "AES"));
        Cipher mask = Cipher.getInstance("AES/ECB/NoPadding");
        mask.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(packet, "AES"));
        Map<String, byte[]> keys = new HashMap<>();
        for (byte[] datagram : datagrams) {
            ByteBuffer header = ByteBuffer.wrap(datagram);
            if (header.getInt(4) == spi) {
                byte[] kp = unwrap.doFinal(datagram, 16, 16);
                byte[] block = ByteBuffer.allocate(16)
                        .putShort(header.getShort(2))
                        .putLong(8, header.getLong(8))
                        .array();
                byte[] key = mask.doFinal(block);
                for (int i = 0; i < key.length; i++) {
                    key[i] ^= kp[i];
                }
                keys.put("Kp of packet " + header.getLong(8), kp);
                keys.put("packet key of packet " + header.getLong(8), key);
            }
        }
        return keys;
    }

    /** A train of datagrams that crossed the WAN in one frame: each begins as the one before it, with the next packet number. */
    private static Stream<byte[]> cut(byte[] train) {
        List<byte[]> datagrams = new ArrayList<>();
        int begin = 0;
        for (int at = HEADER_BYTES; at + HEADER_BYTES <= train.length; at++) {
            ByteBuffer bytes = ByteBuffer.wrap(train);
            if (bytes.getLong(at) == bytes.getLong(begin) && bytes.getLong(at + 8) == bytes.getLong(begin + 8) + 1) {
                datagrams.add(Arrays.copyOfRange(train, begin, at));
                begin = at;
            }
        }
        datagrams.add(Arrays.copyOfRange(train, begin, train.length));
        return datagrams.stream();
    }

    private static byte[] swapped(byte[] bytes) {
        byte[] swapped = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            swapped[i] = bytes[i ^ 3];
        }
        return swapped;
    }
}
