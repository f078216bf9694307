package org.culvert.core.control;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.culvert.core.crypto.EchoedCookie;
import org.culvert.core.crypto.EpochSecret;
import org.culvert.core.crypto.HeapGarbage;
import org.culvert.core.epoch.Core;
import org.culvert.core.epoch.EpochPair;
import org.culvert.core.epoch.Epochs;
import org.culvert.core.epoch.Exchange;
import org.culvert.core.epoch.Items;
import org.culvert.core.epoch.Line;
import org.culvert.core.epoch.Mode;
import org.culvert.core.epoch.Sight;
import org.culvert.core.flow.Published;
import org.culvert.core.flow.StrangeSpi;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.PairKeys;
import org.culvert.core.peer.Peer;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.KeyKind;
import org.culvert.tun.Endpoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Epoch keys with every peer: our own epochs, one {@link Exchange} with each, and the {@link KeyRing} kept to what they have agreed. What
 * changes there shows in the next snapshot; what is to be said goes out only after it. Control thread.
 */
final class ForwardSecrecy implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ForwardSecrecy.class);
    private static final long PACKETS_WAIT_NS = 5_000_000_000L;

    /** Two announcements may be lost on the way. */
    private static final long ANNOUNCED_BY_THEN_NS = 5_000_000_000L;

    /** After an epoch was erased: by then all that came from it was, too, and no flow thread sees it any more. */
    private static final long GARBAGE_LIES_NS = 5_000_000_000L;

    private final KeyRing ring;
    private final SecureRandom random = new SecureRandom();
    private final EchoedCookie cookies = new EchoedCookie(random);
    private final int incarnation = random.nextInt();
    private final Map<KeyKind, Epochs> epochs = new EnumMap<>(KeyKind.class);
    private final Map<PairKeys, StaticBase> bases = new HashMap<>();
    private final Map<Peer, With> exchanges = new HashMap<>();
    private final EpochLine line = new EpochLine();
    private final Predicate<String> agreedBefore;
    private long epochNs;
    private boolean isGarbageLeft;
    private long erasedNs;

    /** @param agreedBefore whether epoch keys were ever agreed with the peer of this name */
    ForwardSecrecy(KeyRing ring, long epochNs, Predicate<String> agreedBefore) {
        this.ring = ring;
        this.agreedBefore = agreedBefore;
        this.epochNs = epochNs;
    }

    /** Of the epochs to come. */
    void epochs(long lengthNs) {
        epochNs = lengthNs;
        epochs.values().forEach(each -> each.length(lengthNs));
    }

    private Epochs epochsOf(KeyKind kind) {
        return epochs.computeIfAbsent(
                kind,
                missing -> new Epochs(
                        incarnation, epochNs, () -> new EpochMaker.Drawn(EpochSecret.draw(missing, random))));
    }

    /**
     * What time brings, with every peer.
     *
     * @param version the first snapshot that will show it
     * @return true when a new snapshot is to be published
     */
    boolean tick(List<Member> members, long nowNs, long version) {
        follow(members);
        tickOwn(nowNs);
        boolean changed = false;
        if (isGarbageLeft && nowNs - erasedNs >= GARBAGE_LIES_NS) {
            isGarbageLeft = false;
            HeapGarbage.overwrite();
        }
        for (With with : exchanges.values()) {
            changed |= with.tick(nowNs, version);
        }
        return changed;
    }

    /** Our own epochs, of which there has to be one before anything is said to a peer, or heard of it. */
    private void tickOwn(long nowNs) {
        boolean needed = exchanges.values().stream().anyMatch(With::isOn);
        for (Epochs each : epochs.values()) {
            if ((needed || each.count() > 0) && each.tick(nowNs)) {
                isGarbageLeft = true;
                erasedNs = nowNs;
            }
        }
    }

    /** The same with those peers only that something was heard of under a pair for the first time, or that a packet waits for. */
    boolean look(long nowNs, long version) {
        boolean changed = false;
        for (With with : exchanges.values()) {
            if (with.peer.takePairHeard()) {
                changed |= with.tick(nowNs, version);
            }
        }
        return changed;
    }

    /** A message of a peer. @return null: nothing in it is for the exchange; else whether a new snapshot is to be published */
    @Nullable
    Boolean received(Peer peer, ControlRing.Slot slot, long nowNs, long version) {
        With with = exchanges.get(peer);
        Items items = Items.read(slot.message, slot.messageBytes);
        PairKeys pair = slot.pair;
        Endpoint from = slot.endpoint;
        if (with == null || pair == null || from == null) {
            return null;
        }
        if (items == null) {
            with.saidNothingOfKeys(pair, nowNs);
            return null;
        }
        return with.received(items, pair, from, nowNs, version);
    }

    /** A datagram with an SPI that nobody has: perhaps from a peer, if it came from where one may be. */
    void strangeSpi(Peer peer, StrangeSpi.Seen seen, long nowNs) {
        With with = exchanges.get(peer);
        if (with != null && with.mayBeAt(seen.from())) {
            with.foreign.seen(nowNs);
            with.exchange.strangeSpi(seen.bytes(), with.sight(nowNs, seen.from()));
        }
    }

    /** Where a peer may be. */
    void places(Peer peer, List<Endpoint> all) {
        With with = exchanges.get(peer);
        if (with != null) {
            with.places = List.copyOf(all);
        }
    }

    /** Says what there is to say: after the snapshot was published. @return whether Outbound has something to do */
    boolean flush(Published published) {
        return line.flush(published);
    }

    /** Whether to tick again before the second is over. */
    boolean busy() {
        return !line.isEmpty() || exchanges.values().stream().anyMatch(with -> with.exchange.busy());
    }

    /** Whether epoch keys were ever agreed with it, before this start or since. */
    boolean everAgreed(Peer peer) {
        With with = exchanges.get(peer);
        return with == null ? agreedBefore.test(peer.name()) : with.exchange.everAgreed();
    }

    /**
     * Whether the peer has shown that it holds this certificate's private key. What opens under the static pair does not show it: whoever
     * stole our own key seals that, too. An agreed epoch pair takes the peer's. Where static keys carry data they are all there is.
     */
    boolean hasShownKeyOf(Member member, HostCertificate theirs) {
        With with = exchanges.get(member.peer());
        return with != null
                && (with.exchange.staticCarriesData() ? member.heardWith(theirs) : with.hasAgreedWithKeyOf(theirs));
    }

    /** What protects a peer's packets. */
    Protection protection(Peer peer, long nowNs) {
        With with = exchanges.get(peer);
        return with == null
                ? new Protection(Protection.Kind.NONE, 0, false, false, Mode.OFF, Optional.empty(), "")
                : with.protection(nowNs);
    }

    /**
     * Takes what is configured, and what pairs there are now: no snapshot may be made of new pairs that does not know under which of them
     * data goes.
     *
     * @return true when a new snapshot is to be published
     */
    boolean follow(List<Member> members, long nowNs, long version) {
        follow(members);
        tickOwn(nowNs);
        boolean changed = false;
        for (With with : exchanges.values()) {
            changed |= with.sync(nowNs, version);
        }
        return changed;
    }

    private void follow(List<Member> members) {
        for (Member member : members) {
            With with = exchanges.computeIfAbsent(member.peer(), peer -> new With(peer, member));
            with.follow(member);
        }
        if (exchanges.size() > members.size()) {
            exchanges.keySet().retainAll(members.stream().map(Member::peer).toList());
        }
        bases.keySet().removeIf(pair -> !ring.holds(pair));
    }

    /** After both flow threads have ended. */
    @Override
    public void close() {
        epochs.values().forEach(Epochs::close);
    }

    /** The exchange with one peer, and what of it the ring has. */
    private final class With {
        final Peer peer;
        final EpochMaker maker;
        final Exchange exchange;
        final ForeignKeys foreign = new ForeignKeys();
        private List<StaticBase> hangsOn = List.of();
        private List<Endpoint> places = List.of();
        private int turns;
        private long otherThingsNs;
        private Protection.Kind kind = Protection.Kind.NONE;
        private String remarked = "";
        private long kindSinceNs = System.nanoTime();

        With(Peer peer, Member member) {
            this.peer = peer;
            this.maker = new EpochMaker(peer, random);
            this.exchange = new Exchange(
                    member.setup().terms(),
                    agreedBefore.test(peer.name()),
                    at -> cookies.of(at.remoteHigh(), at.remoteLow(), at.remotePort()),
                    maker,
                    line.to(peer));
        }

        boolean isOn() {
            return exchange.terms().mode() != Mode.OFF;
        }

        void follow(Member member) {
            maker.psk(member.setup().secrecy().psk());
            if (!member.setup().terms().equals(exchange.terms())) {
                exchange.follow(member.setup().terms());
            }
            member.pairs()
                    .forEach((pair, own, theirs) -> bases.computeIfAbsent(
                            pair,
                            made -> new StaticBase(
                                    made,
                                    own,
                                    theirs,
                                    epochsOf(own.certificate().keyKind()))));
            List<StaticBase> now = ring.pairs(peer).stream()
                    .map(bases::get)
                    .filter(Objects::nonNull)
                    .toList();
            if (!now.equals(hangsOn)) {
                hangsOn = now;
                exchange.keepOnly(now);
            }
        }

        boolean tick(long nowNs, long version) {
            long heardNs = peer.lastReceivedNs();
            if (heardNs != 0) {
                foreign.heard(heardNs);
            }
            exchange.tick(sight(nowNs));
            return sync(nowNs, version);
        }

        boolean received(Items items, PairKeys pair, Endpoint from, long nowNs, long version) {
            foreign.heard(nowNs);
            EpochPair under = exchange.pairs().stream()
                    .filter(each -> isOf(each, pair))
                    .findFirst()
                    .orElse(null);
            StaticBase base = under == null ? bases.get(pair) : (StaticBase) under.base();
            if (base == null || (base.epochs().count() == 0 && isOn())) {
                return false; // a pair that went while the message waited
            }
            exchange.received(items, new Line.Route(base, under, from), sight(nowNs));
            return sync(nowNs, version);
        }

        boolean hasAgreedWithKeyOf(HostCertificate theirs) {
            return exchange.pairs().stream()
                    .anyMatch(pair -> pair.isAgreed() && ((StaticBase) pair.base()).isWithKeyOf(theirs));
        }

        /** The first pair is agreed: what proved that came from there, so packets go to that one of its places, whichever was tried before. */
        private void goWhereItAnswered() {
            EpochPair sending = exchange.sending();
            if (sending != null && mayBeAt(sending.from())) {
                peer.moveTo(sending.from());
            }
        }

        boolean mayBeAt(Endpoint address) {
            return address.sameRemote(peer.endpoint()) || places.stream().anyMatch(address::sameRemote);
        }

        /** A message under static keys with other things in it: a gateway of today has said what it announces before, or says it soon. */
        void saidNothingOfKeys(PairKeys pair, long nowNs) {
            foreign.heard(nowNs);
            if (!pair.isEpoch() && otherThingsNs == 0) {
                otherThingsNs = nowNs == 0 ? 1 : nowNs;
            }
        }

        @SuppressWarnings("ReferenceEquality") // the very same pair
        private static boolean isOf(EpochPair pair, PairKeys keys) {
            return ((EpochKeys) pair.secrets()).pair() == keys;
        }

        Sight sight(long nowNs) {
            return sight(nowNs, peer.endpoint());
        }

        Sight sight(long nowNs, @Nullable Endpoint at) {
            return new Sight(
                    nowNs,
                    at,
                    places.stream().filter(place -> !place.sameRemote(at)).toList(),
                    base(),
                    peer.counters().sentPackets(),
                    peer.lastReceivedNs(),
                    packetsWait(nowNs));
        }

        /** During a change of keys the peer may have only another one yet: they take turns until one is answered. */
        private @Nullable StaticBase base() {
            if (hangsOn.size() > 1 && exchange.sending() == null) {
                return hangsOn.get(turns++ % hangsOn.size());
            }
            PairKeys base = ring.base(peer);
            return base == null ? null : bases.get(base);
        }

        /** What was held back longer ago has been given up. */
        private boolean packetsWait(long nowNs) {
            long lastNs = peer.packetWaitsNs();
            return lastNs != 0 && nowNs - lastNs < PACKETS_WAIT_NS;
        }

        Protection protection(long nowNs) {
            EpochPair sending = exchange.sending();
            boolean withKem = sending != null && ((EpochKeys) sending.secrets()).withKem();
            return new Protection(
                    kind,
                    nowNs - kindSinceNs,
                    withKem,
                    maker.hasPsk(),
                    exchange.terms().mode(),
                    Optional.ofNullable(exchange.announced()).map(Core::mode),
                    remark(nowNs));
        }

        /** What an administrator has to do something about. */
        private String remark(long nowNs) {
            if (foreign.any(nowNs)) {
                return maker.hasPsk()
                        ? "it sends under keys that are not those here: the pre-shared key there is another one or none,"
                                + " or a certificate is"
                        : "it sends under keys that are not those here: it has a pre-shared key for us,"
                                + " or a certificate that is not the one here";
            }
            Core announced = exchange.announced();
            Mode ours = exchange.terms().mode();
            if (announced == null) {
                boolean older = otherThingsNs != 0 && nowNs - otherThingsNs >= ANNOUNCED_BY_THEN_NS;
                return older && ours != Mode.OFF
                        ? "it runs a release without epoch keys: no forward secrecy"
                                + (ours == Mode.REQUIRED
                                        ? ", and no packet passes; update it, or set forward-secrecy = \"preferred\""
                                        : "")
                        : "";
            }
            boolean apart = (ours == Mode.REQUIRED && announced.mode() == Mode.OFF)
                    || (ours == Mode.OFF && announced.mode() == Mode.REQUIRED);
            boolean offThere = ours == Mode.PREFERRED && announced.mode() == Mode.OFF;
            boolean offHere = ours == Mode.OFF && announced.mode() == Mode.PREFERRED;
            if ((offThere || offHere) && exchange.everAgreed() && kind != Protection.Kind.EPOCH) {
                String off = offHere ? "here" : "there";
                String preferred = offHere ? "there" : "here";
                return "forward-secrecy is \"off\" " + off + ", and epoch keys were agreed on before: \"preferred\" "
                        + preferred + " lets no packet pass without them; set \"preferred\" " + off + ", or \"off\" "
                        + preferred + ", too";
            }
            return apart && kind != Protection.Kind.EPOCH
                    ? "forward-secrecy is \"" + ours.label() + "\" here and \""
                            + announced.mode().label() + "\" there: no packet passes; set one of them to \"preferred\""
                    : "";
        }

        private void note(long nowNs) {
            Protection.Kind now = exchange.sending() != null
                    ? Protection.Kind.EPOCH
                    : exchange.staticCarriesData() && ring.base(peer) != null
                            ? Protection.Kind.STATIC
                            : Protection.Kind.NONE;
            if (now != kind) {
                if (now == Protection.Kind.EPOCH && kind == Protection.Kind.NONE) {
                    goWhereItAnswered();
                }
                kind = now;
                kindSinceNs = nowNs;
                if (now != Protection.Kind.NONE || ring.base(peer) != null) { // else it is down, and was said to be
                    LOG.info("peer {}: {}", peer, inWords(now));
                }
            }
            String remark = remark(nowNs);
            if (!remark.equals(remarked)) {
                remarked = remark;
                if (!remark.isEmpty()) {
                    LOG.warn("peer {}: {}", peer, remark);
                }
            }
        }

        private String inWords(Protection.Kind kind) {
            return switch (kind) {
                case EPOCH -> "packets go under epoch keys";
                case STATIC -> "packets go under static keys, without forward secrecy";
                case NONE -> "packets wait for epoch keys";
            };
        }

        /** Has what is shown and what the ring holds be as the exchange has it. */
        private boolean sync(long nowNs, long version) {
            note(nowNs);
            List<PairKeys> wanted = new ArrayList<>();
            exchange.pairs().forEach(pair -> wanted.add(((EpochKeys) pair.secrets()).pair()));
            EpochPair sending = exchange.sending();
            return ring.epochs(
                    peer,
                    wanted,
                    sending == null ? null : ((EpochKeys) sending.secrets()).pair(),
                    exchange.staticCarriesData(),
                    version);
        }
    }
}
