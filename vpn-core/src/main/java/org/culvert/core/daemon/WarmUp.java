package org.culvert.core.daemon;

import static org.culvert.core.peer.Snapshot.HOURS_AROUND;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.culvert.core.crypto.CipherBackend;
import org.culvert.core.crypto.HostIdentity;
import org.culvert.core.crypto.KeyAgreementException;
import org.culvert.core.crypto.PairSecret;
import org.culvert.core.crypto.Suite;
import org.culvert.core.flow.Clock;
import org.culvert.core.flow.Inbound;
import org.culvert.core.flow.Lane;
import org.culvert.core.flow.Outbound;
import org.culvert.core.flow.Published;
import org.culvert.core.peer.Counters;
import org.culvert.core.peer.PairKeys;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.ReceiveKey;
import org.culvert.core.peer.SendKey;
import org.culvert.core.peer.Snapshot;
import org.culvert.core.peer.SpiTable;
import org.culvert.core.peer.TrafficKeyPolicy;
import org.culvert.core.replay.PeerReplay;
import org.culvert.core.route.RouteTable;
import org.culvert.core.wire.SkipTime;
import org.culvert.keymgmt.Prefix;
import org.culvert.tun.Endpoint;

/**
 * Runs the data path in memory before the TUN goes up, so that the first real packets meet compiled code: in the interpreter a
 * packet costs 30 to 100 times as much. Two gateways with keys made for the purpose, one way; nothing leaves the process.
 */
final class WarmUp {
    private static final Suite SUITE = Suite.AES_128_GCM;
    private static final Endpoint ANYWHERE = new Endpoint(0, 0xffff_c633_6401L, 9, 0, 0, 0, 0);

    private final Clock clock = new SystemClock();
    private final KeyPair sender;
    private final KeyPair receiver;

    private WarmUp() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("X25519");
        sender = generator.generateKeyPair();
        receiver = generator.generateKeyPair();
    }

    /** Runs for about {@code forNs}. */
    static void run(Map<Suite, CipherBackend> backends, long forNs) {
        try {
            new WarmUp().runOn(backends, forNs);
        } catch (GeneralSecurityException | KeyAgreementException e) {
            throw new IllegalStateException("X25519 is part of every JDK", e);
        }
    }

    private void runOn(Map<Suite, CipherBackend> backends, long forNs) throws KeyAgreementException {
        for (WarmUpLoop loop : List.of(new WarmUpLoop(), new WarmUpLoop.Second(), new WarmUpLoop.Third())) {
            try (loop) {
                runThrough(loop, backends, forNs / 3);
            }
        }
    }

    private void runThrough(WarmUpLoop loop, Map<Suite, CipherBackend> backends, long forNs)
            throws KeyAgreementException {
        long end = clock.nanoTime() + forNs;
        Counters counters = new Counters();
        Lane lane = Lane.only(loop, loop);
        Published sending = published(sender, receiver, "sender", "receiver");
        Published receiving = published(receiver, sender, "receiver", "sender");
        try (Outbound outbound = new Outbound(lane, sending, clock, backends, counters, FlowThreads.RANDOM);
                Inbound inbound = new Inbound(lane, receiving, clock, backends, counters, FlowThreads.RANDOM)) {
            while (clock.nanoTime() < end) {
                loop.offerSuperPacket();
                outbound.runOnce();
                inbound.runOnce();
                loop.offerSmallPackets();
                outbound.runOnce();
                inbound.runOnce();
            }
        }
    }

    private Published published(KeyPair own, KeyPair other, String ownName, String otherName)
            throws KeyAgreementException {
        Peer peer = new Peer(otherName, List.of(SUITE), TrafficKeyPolicy.EVERY_PACKET, new PeerReplay(), clock.ticks());
        peer.moveTo(ANYWHERE);
        int hour = SkipTime.hour(clock.ticks());
        List<SendKey> send = new ArrayList<>();
        List<ReceiveKey> receive = new ArrayList<>();
        try (PairKeys pair = new PairKeys(
                PairSecret.agree(own.getPrivate(), other.getPublic()), id(ownName, own), id(otherName, other))) {
            for (int h = hour - HOURS_AROUND; h <= hour + HOURS_AROUND; h++) {
                send.add(SendKey.of(pair, h, SUITE, 1, TrafficKeyPolicy.EVERY_PACKET));
                receive.add(ReceiveKey.of(peer, pair, h, SUITE));
            }
        }
        Prefix ownNetwork = own == sender ? WarmUpLoop.FROM : WarmUpLoop.TO;
        Prefix otherNetwork = own == sender ? WarmUpLoop.TO : WarmUpLoop.FROM;
        return new Published(new Snapshot(
                1,
                1,
                hour,
                List.of(peer),
                add(add(RouteTable.builder(), ownNetwork, Snapshot.OWN), otherNetwork, 0)
                        .build(),
                add(RouteTable.builder(), ownNetwork, Snapshot.OWN).build(),
                RouteTable.builder().build(),
                false,
                null,
                List.copyOf(send),
                List.of(List.copyOf(send)),
                new SpiTable<>(receive, ReceiveKey::spi),
                new SpiTable<>(List.of(), strange -> 0)));
    }

    private static byte[] id(String name, KeyPair pair) {
        return HostIdentity.id(name, pair.getPublic().getEncoded());
    }

    private static RouteTable.Builder add(RouteTable.Builder builder, Prefix prefix, int value) {
        return builder.add(prefix.high(), prefix.low(), prefix.mappedLength(), value);
    }
}
