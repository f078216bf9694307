package org.culvert.core.control;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import java.util.function.UnaryOperator;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.Peer;
import org.culvert.core.replay.PeerReplay;
import org.culvert.core.wire.ControlMessage;
import org.culvert.keymgmt.issue.Reason;
import org.culvert.keymgmt.issue.Revocations;
import org.culvert.keymgmt.trust.RevocationList;
import org.culvert.keymgmt.trust.TrustStore;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListExchangeTest {
    private static final long START_NS = 77_000_000_000L;
    private static final long SECOND_NS = 1_000_000_000L;

    @TempDir
    Path folder;

    private final Deque<byte[]> toBonn = new ArrayDeque<>();
    private final Deque<byte[]> toTokyo = new ArrayDeque<>();
    private final ListExchange tokyo = new ListExchange((peer, items) -> send(toBonn, items));
    private final ListExchange bonn = new ListExchange((peer, items) -> send(toTokyo, items));
    private final List<byte[]> arrived = new ArrayList<>();
    private TestSites sites;
    private Member member;
    private RevocationList first;
    private RevocationList second;

    private boolean send(Deque<byte[]> way, LongUnaryOperator items) {
        try (Region message = new Region(ControlMessage.KEPT_BYTES)) {
            long end = items.applyAsLong(ControlMessage.begin(message.address()));
            byte[] bytes = new byte[(int) (end - message.address())];
            assertTrue(ControlMessage.readable(message.address(), bytes.length), "unreadable");
            OffHeap.copy(message.address(), bytes, 0, bytes.length);
            way.add(bytes);
            return true;
        }
    }

    @BeforeEach
    void twoLists() throws Exception {
        sites = new TestSites(folder);
        OwnIdentity identity = sites.identity("bonn", 30, "10.2.0.0/24");
        PeerSetup setup = sites.setup(identity);
        Peer peer = new Peer(setup.name(), setup.suites(), setup.trafficKey(), new PeerReplay(), 7);
        peer.receivedAt(START_NS);
        member = new Member(
                new Plan.PeerPlan(setup, List.of(identity.certificate())),
                peer,
                new CertifiedPairs(peer, new KeyRing()),
                5);
        first = list();
        for (int i = 0; i < 40; i++) {
            sites.identity("host" + i, 30, "10.77." + i + ".0/24");
            new Revocations(folder.resolve("ca"), () -> sites.now).revoke("host" + i, Reason.KEY_COMPROMISE);
        }
        second = list();
        bonn.taker((from, der) -> arrived.add(der));
    }

    private RevocationList list() throws Exception {
        byte[] pem = new Revocations(folder.resolve("ca"), () -> sites.now).list(30, unasked -> {
            throw new AssertionError("asked for a passphrase");
        });
        Path file = Files.write(folder.resolve("ca.crl"), pem);
        return RevocationList.read(file).getFirst();
    }

    /** One second on each side, and all that is said in it. @param harm changes what tokyo says, null loses it */
    private void second(
            long number, List<RevocationList> there, List<RevocationList> here, UnaryOperator<byte[]> harm) {
        long nowNs = START_NS + number * SECOND_NS;
        tokyo.tick(List.of(member), there, nowNs);
        bonn.tick(List.of(member), here, nowNs);
        for (int i = 0; i < 100 && !(toBonn.isEmpty() && toTokyo.isEmpty()); i++) {
            byte[] forth = toBonn.poll();
            if (forth != null) {
                receive(bonn, harm.apply(forth), nowNs);
            }
            byte[] back = toTokyo.poll();
            if (back != null) {
                receive(tokyo, back, nowNs);
            }
        }
    }

    private void receive(ListExchange side, byte[] message, long nowNs) {
        if (message == null) {
            return;
        }
        try (Region region = new Region(ControlMessage.KEPT_BYTES)) {
            OffHeap.copy(message, 0, region.address(), message.length);
            ControlRing.Slot slot = new ControlRing(2).claim();
            slot.messageBytes = message.length;
            side.received(member.peer(), region.address(), slot, nowNs);
        }
    }

    @Test
    void newerListComesInParts() {
        assertTrue(second.der().length > 1_600, "one part only");
        second(0, List.of(second), List.of(first), UnaryOperator.identity());
        assertEquals(1, arrived.size());
        assertArrayEquals(second.der(), arrived.getFirst());
        assertEquals(List.of(new ListExchange.Enforced("Example CA", 2)), bonn.enforced(member.peer()));
        assertEquals(List.of(new ListExchange.Enforced("Example CA", 1)), tokyo.enforced(member.peer()));
    }

    @Test
    void olderOrSameListIsNotAskedFor() {
        second(0, List.of(first), List.of(second), UnaryOperator.identity());
        second(1, List.of(second), List.of(second), UnaryOperator.identity());
        assertEquals(List.of(), arrived);
    }

    @Test
    void whoHasNoListTakesNone() {
        second(0, List.of(second), List.of(), UnaryOperator.identity());
        assertEquals(List.of(), arrived);
    }

    @Test
    void lostPartsAreAskedForAgain() {
        int[] count = {0};
        for (int number = 0; number < 200; number++) {
            second(number, List.of(second), List.of(first), message -> count[0]++ % 2 == 1 ? null : message);
        }
        assertEquals(1, arrived.size());
        assertArrayEquals(second.der(), arrived.getFirst());
    }

    @Test
    void bytesThatTheHashDoesNotNameAreDropped() {
        second(0, List.of(second), List.of(first), message -> {
            byte[] changed = message.clone();
            if (changed.length > 200) {
                changed[changed.length - 1] ^= 1;
            }
            return changed;
        });
        assertEquals(List.of(), arrived);
    }

    @Test
    void onlyANewerListOfOurOwnCaIsTaken() throws Exception {
        Path file = folder.resolve("first.crl");
        Files.write(file, new Trust(storeWith(first), false).pem());
        Trust trust = new Trust(TrustStore.read(folder.resolve("ca/ca.crt"), Optional.of(file)), false);
        assertEquals(
                List.of(second.x509()),
                trust.with(second).orElseThrow().lists().stream()
                        .map(RevocationList::x509)
                        .toList());
        assertTrue(trust.with(first).isEmpty(), "the same");
        assertTrue(trust.with(second).orElseThrow().with(first).isEmpty(), "an older one");
        byte[] forged = second.der();
        forged[forged.length - 1] ^= 1;
        assertTrue(trust.with(RevocationList.parse(file, forged)).isEmpty(), "a signature that is not the CA's");
        assertTrue(sites.trust().with(second).isEmpty(), "without a list none is taken");
    }

    private TrustStore storeWith(RevocationList list) throws Exception {
        Path file = folder.resolve("given.crl");
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(list.der());
        Files.writeString(file, "-----BEGIN X509 CRL-----\n" + base64 + "\n-----END X509 CRL-----\n");
        return TrustStore.read(folder.resolve("ca/ca.crt"), Optional.of(file));
    }

    /** Whatever comes, nothing beyond what was asked for is taken or kept. */
    @Test
    void garbageIsSurvived() {
        Random random = new Random(20_261_127);
        bonn.tick(List.of(member), List.of(first), START_NS);
        toTokyo.clear();
        for (int i = 0; i < 20_000; i++) {
            byte[] value = new byte[random.nextInt(120)];
            random.nextBytes(value);
            byte[] message = new byte[6 + value.length];
            message[0] = 1;
            message[3] = (byte) (33 + random.nextInt(3));
            message[5] = (byte) value.length;
            System.arraycopy(value, 0, message, 6, value.length);
            try (Region region = new Region(ControlMessage.KEPT_BYTES)) {
                OffHeap.copy(message, 0, region.address(), message.length);
                if (ControlMessage.readable(region.address(), message.length)) {
                    receive(bonn, Arrays.copyOf(message, message.length), START_NS + i);
                }
            }
            toTokyo.clear();
        }
        assertEquals(List.of(), arrived);
        second(1, List.of(second), List.of(first), UnaryOperator.identity());
        assertEquals(1, arrived.size());
    }
}
