package org.culvert.core.epoch;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import org.culvert.tun.Endpoint;

/**
 * Two gateways' exchanges over a network that loses, repeats, holds back and overtakes, with clocks that only the test moves and with
 * secrets that are only names: two pairs have the same keys when all that goes into the transcript is the same. What a flow thread
 * would refuse for a key reason is counted.
 */
final class TwoEnds {
    static final long MS = 1_000_000;
    static final long SECOND = 1_000 * MS;

    /** Header, wrapped key, inner word and tag of a datagram of suite 1. */
    private static final int DATAGRAM_BYTES = 52;

    /** The key of what goes under the static pair {@link Other}. */
    private static final String OTHER = "other";

    final SplittableRandom random;
    final PriorityQueue<Delivery> wire =
            new PriorityQueue<>(Comparator.comparingLong(Delivery::atNs).thenComparingLong(Delivery::number));
    final List<Datagram> recorded = new ArrayList<>();
    final Weather weather = new Weather();
    final End a;
    final End b;
    long nowNs = 5 * SECOND;
    private long numbers;

    TwoEnds(long seed, Terms termsOfA, Terms termsOfB, long epochNs) {
        this.random = new SplittableRandom(seed);
        this.a = new End(true, termsOfA, epochNs, "192.0.2.1");
        this.b = new End(false, termsOfB, epochNs, "198.51.100.2");
        a.start();
        b.start();
    }

    /** Percentages, and how late a datagram may be. */
    static final class Weather {
        int lost;
        int doubled;
        long latestNs = 20 * MS;
        boolean recording;
        boolean partsAreLost;
    }

    record Delivery(long atNs, long number, Datagram datagram) {}

    /** @param key null: under the first static pair; @param items null: data */
    record Datagram(boolean toA, Endpoint from, String key, Items items, long packetNumber) {}

    End other(End end) {
        return end == a ? b : a;
    }

    /** Puts a datagram onto the wire, once, twice or not at all. */
    void send(Datagram datagram) {
        if (weather.recording) {
            recorded.add(datagram);
        }
        boolean part = datagram.items() != null && datagram.items().part() != null;
        if (random.nextInt(100) < weather.lost || (weather.partsAreLost && part)) {
            return;
        }
        for (int copies = random.nextInt(100) < weather.doubled ? 2 : 1; copies > 0; copies--) {
            wire.add(new Delivery(nowNs + MS + random.nextLong(weather.latestNs), numbers++, datagram));
        }
    }

    /** Runs for so long; each end offers a packet every {@code packetNs}, 0: none. */
    void run(long forNs, long packetNs) {
        long end = nowNs + forNs;
        while (nowNs < end) {
            long next = Math.min(end, Math.min(a.nextNs(packetNs), b.nextNs(packetNs)));
            if (!wire.isEmpty()) {
                next = Math.min(next, wire.peek().atNs());
            }
            nowNs = Math.max(nowNs, next);
            while (!wire.isEmpty() && wire.peek().atNs() <= nowNs) {
                Datagram datagram = wire.remove().datagram();
                (datagram.toA() ? a : b).receive(datagram);
            }
            a.live(packetNs);
            b.live(packetNs);
        }
    }

    /** The static pair of other host keys, on which the one is a who is b on the first. */
    record Other(boolean weAreA, Epochs epochs) implements StaticPair {}

    /** One gateway. */
    final class End implements StaticPair, Line, Maker {
        final boolean isA;
        final Endpoint address;
        final long epochNs;
        Terms terms;
        Epochs epochs;
        Exchange exchange;
        StaticPair base = this;
        Other other;
        Endpoint peerAt;
        List<Endpoint> elsewhere = List.of();
        boolean everAgreed;
        long delivered;
        long refusedForKey;
        long refusedStatic;
        long sentPackets;
        long heardNs;
        long lastDeliveredNs;
        long agreements;
        int saidInAll;
        final List<Long> firstsAtNs = new ArrayList<>();
        long saidBytes;
        int made;
        boolean waiting;
        private final Set<Long> seen = new HashSet<>();
        private long nextTickNs;
        private long nextPacketNs;
        private int cookieSecret;

        End(boolean isA, Terms terms, long epochNs, String address) {
            this.isA = isA;
            this.terms = terms;
            this.epochNs = epochNs;
            this.address = Endpoint.of(new InetSocketAddress(address, 1640));
        }

        /** Has other host keys beside the first; {@code base} is still which of the two pairs is in use. */
        void hasOtherKeys(boolean ofAnotherKind) {
            other = new Other(!isA, ofAnotherKind ? new Epochs(epochs.incarnation(), epochNs, Drawn::new) : epochs);
            other.epochs.tick(nowNs);
        }

        /** Or starts again: nothing is left but what the state file has, and what is configured. */
        void start() {
            cookieSecret = random.nextInt();
            epochs = new Epochs(random.nextInt(), epochNs, Drawn::new);
            epochs.tick(nowNs);
            exchange = new Exchange(terms, everAgreed, this::cookie, this, this);
            peerAt = Endpoint.of(new InetSocketAddress(isA ? "198.51.100.2" : "192.0.2.1", 1640));
            heardNs = 0;
            waiting = false;
            nextTickNs = nowNs + random.nextLong(SECOND);
            seen.clear();
        }

        /** Only what comes moves it. */
        void doesNotTickBefore(long atNs) {
            nextTickNs = atNs;
        }

        int cookie(Endpoint at) {
            return (cookieSecret ^ (int) at.remoteLow() * 31 ^ at.remotePort()) | 1;
        }

        Sight sight() {
            return new Sight(nowNs, peerAt, elsewhere, base, sentPackets, heardNs, waiting);
        }

        long nextNs(long packetNs) {
            return packetNs == 0 ? nextTickNs : Math.min(nextTickNs, Math.max(nowNs, nextPacketNs));
        }

        void live(long packetNs) {
            if (nowNs >= nextTickNs) {
                epochs.tick(nowNs);
                if (other != null) {
                    other.epochs.tick(nowNs);
                }
                exchange.tick(sight());
                everAgreed |= exchange.everAgreed();
                nextTickNs = nowNs + (exchange.busy() ? 100 * MS : SECOND);
                checkNothingOutlives();
            }
            if (packetNs != 0 && nowNs >= nextPacketNs) {
                nextPacketNs = nowNs + packetNs;
                packet();
            }
        }

        /** One packet from the LAN. */
        void packet() {
            EpochPair under = exchange.sending();
            if (under != null && nowNs >= under.endNs()) {
                exchange.tick(sight()); // the data path is told with the next snapshot; here at once
                under = exchange.sending();
            }
            if (under != null) {
                if (!under.isAgreed() || !exchange.pairs().contains(under) || ((Made) under.secrets()).erased) {
                    throw new AssertionError("data under a pair that is not agreed, or forgotten");
                }
                waiting = false;
                sentPackets++;
                send(new Datagram(!isA, address, ((Made) under.secrets()).key, null, random.nextLong()));
            } else if (exchange.staticCarriesData()) {
                sentPackets++;
                send(new Datagram(!isA, address, null, null, random.nextLong()));
            } else if (!waiting) {
                waiting = true;
                exchange.tick(sight());
            }
        }

        void receive(Datagram datagram) {
            if (datagram.key() == null || datagram.key().equals(OTHER)) {
                receiveStatic(datagram);
                return;
            }
            for (EpochPair pair : exchange.pairs()) {
                Made secrets = (Made) pair.secrets();
                if (secrets.key.equals(datagram.key())) {
                    receiveUnder(pair, secrets, datagram);
                    return;
                }
            }
            refusedForKey += datagram.items() == null ? 1 : 0;
            if (datagram.from().sameRemote(peerAt)) {
                exchange.strangeSpi(136, sight());
            }
        }

        private void receiveStatic(Datagram datagram) {
            if (datagram.items() != null) {
                Items read =
                        Items.read(datagram.items().write(), datagram.items().write().length);
                StaticPair to = datagram.key() == null ? this : other;
                if (to != null) {
                    exchange.received(read, new Route(to, null, datagram.from()), sight());
                }
            } else if (exchange.staticCarriesData()) {
                deliver();
            } else {
                refusedStatic++;
            }
        }

        private void receiveUnder(EpochPair pair, Made secrets, Datagram datagram) {
            if (!seen.add(datagram.packetNumber())) {
                return; // the replay window
            }
            heardNs = nowNs;
            secrets.heardNs = secrets.heardNs == 0 ? nowNs : secrets.heardNs;
            if (datagram.items() == null) {
                secrets.dataNs = secrets.dataNs == 0 ? nowNs : secrets.dataNs;
                deliver();
                exchange.tick(sight()); // the bell rings for the first
            } else {
                Items read =
                        Items.read(datagram.items().write(), datagram.items().write().length);
                exchange.received(read, new Route(pair.base(), pair, datagram.from()), sight());
            }
        }

        private void deliver() {
            delivered++;
            lastDeliveredNs = nowNs;
        }

        private void checkNothingOutlives() {
            for (EpochPair pair : exchange.pairs()) {
                if (nowNs - pair.endNs() > Exchange.GRACE_NS + SECOND) {
                    throw new AssertionError("a pair outlives its epochs");
                }
                if (((Drawn) pair.own().material()).closed) {
                    throw new AssertionError("a pair outlives our epoch's key");
                }
            }
        }

        @Override
        public boolean weAreA() {
            return isA;
        }

        @Override
        public Epochs epochs() {
            return epochs;
        }

        @Override
        public void say(Route route, Items items) {
            saidInAll++;
            if (items.announcement() != null && items.announcement().answers() == 0) {
                firstsAtNs.add(nowNs);
            }
            saidBytes += DATAGRAM_BYTES + items.write().length;
            String key =
                    route.under() != null ? ((Made) route.under().secrets()).key : route.base() == other ? OTHER : null;
            if (route.under() != null && !route.under().isAgreed() && items.confirm() == null) {
                throw new AssertionError("on a candidate nothing is sent but a confirm");
            }
            boolean there = route.to().sameRemote(other(this).address);
            if (there) {
                send(new Datagram(!isA, address, key, items, random.nextLong()));
            }
        }

        @Override
        public PairSecrets make(Ingredients of) {
            made++;
            if (((Drawn) of.own().material()).closed) {
                throw new AssertionError("made of a key that was erased");
            }
            return new Made(of);
        }
    }

    /** A key pair of which only the name counts. */
    final class Drawn implements OwnEpoch.Material {
        private final byte[] key = new byte[32];
        private final byte[] kem = new byte[1184];
        boolean closed;

        Drawn() {
            random.nextBytes(key);
            random.nextBytes(kem);
        }

        @Override
        public byte[] publicKey() {
            return key;
        }

        @Override
        public byte[] kemKey() {
            return kem;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    /** The master's name: all that the transcript has. Real DH gives both sides the same for the same two keys; so does this. */
    final class Made implements PairSecrets {
        final String key;
        final boolean isA;
        final byte[] ciphertext;
        long heardNs;
        long dataNs;
        boolean erased;

        Made(Maker.Ingredients of) {
            isA = of.base().weAreA();
            Core coreOfA = isA ? of.ownCore() : of.theirs();
            Core coreOfB = isA ? of.theirs() : of.ownCore();
            byte[] secret = new byte[0];
            byte[] sent = new byte[0];
            switch (of.kem().role()) {
                case ENCAPSULATE -> {
                    sent = new byte[1088];
                    random.nextBytes(sent);
                    secret = concat(of.kem().message(), sent);
                }
                case DECAPSULATE ->
                    secret = concat(of.own().material().kemKey(), of.kem().message());
                default -> {}
            }
            ciphertext = sent;
            key = Arrays.toString(Core.hash(concat(concat(coreOfA.bytes(), coreOfB.bytes()), secret)));
        }

        private byte[] proofOf(boolean sideA) {
            return Core.hash((key + sideA).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }

        @Override
        public long heardNs() {
            return heardNs;
        }

        @Override
        public long dataNs() {
            return dataNs;
        }

        @Override
        public byte[] proof() {
            return proofOf(isA);
        }

        @Override
        public boolean isProof(byte[] theirs) {
            return Arrays.equals(theirs, proofOf(!isA));
        }

        @Override
        public byte[] ciphertext() {
            return ciphertext;
        }

        @Override
        public void erase() {
            erased = true;
        }

        private byte[] concat(byte[] one, byte[] other) {
            return ByteBuffer.allocate(one.length + other.length)
                    .put(one)
                    .put(other)
                    .array();
        }
    }
}
