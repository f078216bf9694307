package org.culvert.core.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.culvert.core.crypto.HostIdentity;
import org.culvert.core.crypto.PairSecret;
import org.culvert.core.crypto.Suite;
import org.culvert.core.peer.PairKeys;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.ReceiveKey;
import org.culvert.core.peer.SendKey;
import org.culvert.core.peer.Snapshot;
import org.culvert.core.peer.TrafficKeyPolicy;
import org.culvert.core.replay.PeerReplay;
import org.junit.jupiter.api.Test;

final class KeyRingTest {
    private static final int HOUR = 276_101;

    private final Peer peer =
            new Peer("kyoto", List.of(Suite.AES_128_GCM), TrafficKeyPolicy.EVERY_PACKET, new PeerReplay(), 12_345);

    @Test
    void opensUnderAllPairsAndSealsUnderOne() throws Exception {
        try (KeyRing ring = new KeyRing()) {
            PairKeys first = pair("kyoto");
            PairKeys second = pair("kyoto");
            ring.add(peer, first);
            ring.add(peer, second);
            ring.turnTo(HOUR, 7);
            assertEquals(Set.of(first, second), receivesUnder(ring));
            assertEquals(
                    2 * Snapshot.HOURS * Suite.values().length,
                    ring.receiveKeys().size());
            assertEquals(Set.of(first), sendsUnder(ring));

            ring.sendUnder(peer, second);
            assertEquals(Set.of(second), sendsUnder(ring));
            assertSame(second, ring.sendsUnder(peer));
            assertEquals(Set.of(first, second), receivesUnder(ring));
        }
    }

    @Test
    void controlMessagesCanGoUnderEachPair() throws Exception {
        try (KeyRing ring = new KeyRing()) {
            PairKeys first = pair("kyoto");
            PairKeys second = pair("kyoto");
            ring.add(peer, first);
            ring.add(peer, second);
            ring.sendUnder(peer, second);
            ring.turnTo(HOUR, 7);
            List<SendKey> keys = ring.controlKeys(List.of(peer)).getFirst();
            assertEquals(2 * Snapshot.HOURS, keys.size());
            assertEquals(Set.of(first, second), keys.stream().map(SendKey::pair).collect(Collectors.toSet()));
        }
    }

    @Test
    void aPairThatGoesLeavesTheOthersAlone() throws Exception {
        try (KeyRing ring = new KeyRing()) {
            PairKeys first = pair("kyoto");
            PairKeys second = pair("kyoto");
            ring.add(peer, first);
            ring.add(peer, second);
            ring.turnTo(HOUR, 7);
            ring.remove(peer, first, 8);
            ring.turnTo(HOUR, 8);
            assertEquals(Set.of(second), receivesUnder(ring));
            assertEquals(Set.of(second), sendsUnder(ring));
            assertEquals(Snapshot.HOURS + 1, ring.retiredCount());
            ring.eraseRetired(7);
            assertNotNull(first.receiving(HOUR, Suite.CONTROL)); // a flow thread may still be inside it
            ring.eraseRetired(8);
            assertEquals(0, ring.retiredCount());
            assertThrows(IllegalStateException.class, () -> first.receiving(HOUR, Suite.CONTROL));

            ring.remove(peer, second, 9);
            assertFalse(ring.has(peer));
            assertNull(ring.sendsUnder(peer));
        }
    }

    /** Other suites are configured: what the peer sends under a pair until it has heard of that is not lost. */
    @Test
    void otherSuitesLeaveThePairs() throws Exception {
        try (KeyRing ring = new KeyRing()) {
            PairKeys pair = pair("kyoto");
            ring.add(peer, pair);
            ring.turnTo(HOUR, 7);
            List<Integer> before =
                    ring.receiveKeys().stream().map(ReceiveKey::spi).sorted().toList();

            ring.deriveAnew(peer, 8);
            peer.agreeOn(List.of(Suite.AES_256_GCM), TrafficKeyPolicy.EVERY_PACKET);
            ring.turnTo(HOUR, 8);

            assertEquals(
                    before,
                    ring.receiveKeys().stream().map(ReceiveKey::spi).sorted().toList());
            assertEquals(Set.of(pair), sendsUnder(ring));
            assertEquals(
                    Suite.AES_256_GCM,
                    ring.sendKeys(List.of(peer), HOUR).getFirst().suite());
            assertEquals(Snapshot.HOURS, ring.retiredCount(), "the keys of before, and not the pair");
        }
    }

    @Test
    void refusesToSendUnderWhatItHasNot() throws Exception {
        try (KeyRing ring = new KeyRing();
                PairKeys stranger = pair("kyoto")) {
            ring.add(peer, pair("kyoto"));
            assertThrows(IllegalStateException.class, () -> ring.sendUnder(peer, stranger));
        }
    }

    private Set<PairKeys> receivesUnder(KeyRing ring) {
        return ring.receiveKeys().stream().map(ReceiveKey::pair).collect(Collectors.toSet());
    }

    private Set<PairKeys> sendsUnder(KeyRing ring) {
        return ring.sendKeys(List.of(peer), HOUR).stream().map(SendKey::pair).collect(Collectors.toSet());
    }

    private static PairKeys pair(String peerName) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("X25519");
        KeyPair own = generator.generateKeyPair();
        KeyPair theirs = generator.generateKeyPair();
        return new PairKeys(
                PairSecret.agree(own.getPrivate(), theirs.getPublic()),
                HostIdentity.id("tokyo", own.getPublic().getEncoded()),
                HostIdentity.id(peerName, theirs.getPublic().getEncoded()));
    }
}
