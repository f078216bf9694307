package org.culvert.core.epoch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.culvert.core.epoch.Items.Announcement;
import org.culvert.core.epoch.Items.Confirm;
import org.culvert.core.epoch.Items.Part;
import org.culvert.core.epoch.Items.Proof;
import org.culvert.core.epoch.Line.Route;
import org.culvert.core.epoch.Maker.Ingredients;
import org.culvert.core.epoch.Maker.Kem;
import org.culvert.tun.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * The exchange with one peer: which pairs there are, which of them are agreed, under which data goes. The rules are protocol.md's, and
 * the numbers are those there. Not thread-safe; control thread.
 */
public final class Exchange {
    /** What may still be on its way when an epoch ends, or in a clock that runs otherwise. */
    public static final long GRACE_NS = 60_000_000_000L;

    static final long SECOND_NS = 1_000_000_000L;
    static final long SILENCE_NS = 2 * SECOND_NS;
    static final long OLDER_GO_AFTER_NS = 10 * SECOND_NS;
    /** So many made of what came under an epoch pair, and so many of the rest: four in all. */
    static final int CANDIDATES_SEALED_AND_OTHER = 2;

    /** Two epochs of either side, each pair once for either one's first, make eight. */
    static final int MOST_AGREED = 8;

    private static final long FIRST_CONFIRM_PAUSE_NS = SECOND_NS / 4;
    private static final int CONFIRMS = 7;
    private static final int PAST_INCARNATIONS = 8;

    private final ToIntFunction<Endpoint> cookies;
    private final Maker maker;
    private final Line line;
    private final List<EpochPair> pairs = new ArrayList<>();
    private final Firsts firsts = new Firsts();
    private final Rate answersUnderPairs = new Rate();
    private final Rate answersToFavoured = new Rate();
    private final Rate answersToPeersAddress = new Rate();
    private final Rate answersToOthers = new Rate();
    private final Rate bareAnswers = new Rate();
    private final Rate provokedByStrangeSpi = new Rate();
    private final Rate provokedByAsking = new Rate();
    private final Map<Integer, Integer> past = new LinkedHashMap<>();
    private final IdentityHashMap<StaticPair, Core> shown = new IdentityHashMap<>(); // the very same pair
    private final IdentityHashMap<StaticPair, EpochPair> sentUnder = new IdentityHashMap<>(); // the greatest of each
    private final Waiting waiting = new Waiting();
    private Terms terms;
    private boolean madeBefore;
    private long madeNs;
    private @Nullable EpochPair sending;
    private @Nullable Integer present;
    private @Nullable Core heardOf;
    private int peersCookie;
    private boolean everAgreed;
    private long refusedProofs;
    private int strangeSpis;

    /**
     * @param cookies of each address, which only we can compute
     * @param everAgreed a pair was agreed with this peer once, perhaps before this gateway started
     */
    public Exchange(Terms terms, boolean everAgreed, ToIntFunction<Endpoint> cookies, Maker maker, Line line) {
        this.terms = terms;
        this.everAgreed = everAgreed;
        this.cookies = cookies;
        this.maker = maker;
        this.line = line;
    }

    // What others ask

    /** Candidates and agreed ones: what we open under. */
    public List<EpochPair> pairs() {
        return List.copyOf(pairs);
    }

    /** Under which data goes now; null: under none. As of the last call that told the time. */
    public @Nullable EpochPair sending() {
        return sending;
    }

    public Terms terms() {
        return terms;
    }

    /** What the peer last announced, by whatever keys it came: not to be believed, but to be shown. */
    public @Nullable Core announced() {
        return heardOf;
    }

    public boolean everAgreed() {
        return everAgreed;
    }

    /** Answers whose proof was wrong. */
    public long refusedProofs() {
        return refusedProofs;
    }

    /** Rule 10: whether the static pair may carry data. */
    public boolean staticCarriesData() {
        return terms.mode() == Mode.OFF || (terms.mode() == Mode.PREFERRED && !everAgreed);
    }

    /** Something waits that may be due before the second is over. */
    public boolean busy() {
        return waiting.anyComplete() || pairs.stream().anyMatch(this::wantsConfirm);
    }

    // What changes

    /** Another mode or other suites are configured: what we announce is another core, so there will be other pairs. */
    public void follow(Terms next) {
        if (next.mode() == Mode.OFF && terms.mode() != Mode.OFF) {
            forgetIf(pair -> true);
            sending = null;
            sentUnder.clear();
        }
        terms = next;
        waiting.clear();
        firsts.beginAnew();
    }

    /** A static pair is no more, or all of them: neither is what hangs on it. */
    public void keepOnly(List<? extends StaticPair> bases) {
        forgetIf(pair -> !bases.contains(pair.base()));
        shown.keySet().removeIf(base -> !bases.contains(base));
        sentUnder.keySet().removeIf(base -> !bases.contains(base));
        sending = sending != null && pairs.contains(sending) ? sending : null;
        waiting.clear();
    }

    /** A message that came by this route; {@code route.to()} is its source. */
    public void received(Items items, Route route, Sight sight) {
        look(sight);
        Confirm confirm = items.confirm();
        if (confirm != null && route.under() != null) {
            confirmed(confirm, route.under(), route, sight);
        }
        Part part = items.part();
        if (part != null) {
            waiting.add(part, trust(route, part.echo(), sight));
        }
        Announcement announcement = items.announcement();
        if (announcement != null) {
            announced(announcement, items.proof(), route, sight);
        }
        make(sight);
        choose(sight);
    }

    /** What time brings. At least once a second, and whenever something opened under a pair for the first time. */
    public void tick(Sight sight) {
        look(sight);
        erase(sight.nowNs());
        make(sight);
        choose(sight);
        if (terms.mode() != Mode.OFF) {
            confirmWhatWaits(sight);
            beginIfDue(sight);
        }
    }

    /** Rule 2 (d): the peer uses a pair that we do not have, in a datagram of so many bytes. */
    public void strangeSpi(int datagramBytes, Sight sight) {
        StaticPair base = sight.base();
        Endpoint to = sight.endpoint();
        if (terms.mode() == Mode.OFF
                || base == null
                || to == null
                || datagramBytes
                        < ASKING_BYTES // whoever forges the peer's address is not to have us send more than he does
                || !mayBeProvoked(provokedByStrangeSpi, sight)) {
            return;
        }
        EpochPair best = sending;
        if (best != null && ++strangeSpis % 2 == 1) {
            confirm(best, false, sight.nowNs()); // it may have the pair, and think that another is the better one
            return;
        }
        Core keyless = Core.keyless(terms, base.epochs().incarnation());
        say(new Route(base, null, to), announcement(keyless, 0, to, 0), null);
    }

    /**
     * Anybody can provoke it, with the peer's address as his source. So it has a pace of its own, and does not put off what we begin
     * ourselves, which goes under the best pair: else a flood of such datagrams would keep a change of epoch from happening.
     */
    private boolean mayBeProvoked(Rate pace, Sight sight) {
        return firsts.mayBegin(sight.nowNs()) && pace.pass(sight.nowNs());
    }

    /** A datagram with nothing but an announcement without a key, which is longer than a confirm: header, tag, inner word, version, item. */
    static final int ASKING_BYTES = 52 + 2 + 4 + 28;

    // Rules 2 and 7: what we begin

    private void beginIfDue(Sight sight) {
        StaticPair base = sight.base();
        if (base == null || sight.endpoint() == null) {
            return;
        }
        long nowNs = sight.nowNs();
        Epochs epochs = base.epochs();
        EpochPair best = sending;
        boolean elsewhere = best != null && !best.base().equals(base);
        boolean lacking =
                best == null || elsewhere || !best.isOf(ownCore(base)) || best.endNs() - nowNs <= epochs.leadNs();
        boolean silent = firsts.silent(sight);
        if (!firsts.due(nowNs, lacking, epochs.newest().serial(), silent || (best == null && sight.waiting()))) {
            return;
        }
        Endpoint to = best == null || silent ? sight.place(firsts.tries()) : sight.endpoint();
        if (to == null) {
            return;
        }
        boolean alternates = firsts.tries() > 2 && firsts.tries() % 2 == 0;
        firsts.begun(nowNs, to);
        sayFirst(
                best == null || elsewhere || silent || alternates
                        ? new Route(base, null, to)
                        : new Route(best.base(), best, to),
                nowNs);
    }

    private void sayFirst(Route route, long nowNs) {
        OwnEpoch own = route.base().epochs().newest();
        Core core = ownCore(route.base());
        boolean probe = heardOf == null && terms.mode() == Mode.REQUIRED && firsts.tries() > 2;
        Announcement first = announcement(core, own.leftMs(nowNs), route.to(), 0);
        line.say(route, new Items(first, null, null, null, probe));
        byte[] kemKey = own.material().kemKey();
        if (kemKey.length > 0 && core.isKemKey(kemKey)) {
            sayParts(route, kemKey, peersCookie);
        }
    }

    private void sayParts(Route route, byte[] message, int echo) {
        for (Part part : Parts.of(message, echo)) {
            line.say(route, new Items(null, null, part, null));
        }
    }

    private Announcement announcement(Core core, long leftMs, Endpoint to, int answers) {
        return new Announcement(core, leftMs, cookies.applyAsInt(to), peersCookie, answers);
    }

    private void say(Route route, Announcement announcement, @Nullable Proof proof) {
        line.say(route, new Items(announcement, proof, null, null));
    }

    private Core ownCore(StaticPair base) {
        return Core.of(terms, base.epochs().incarnation(), base.epochs().newest());
    }

    private boolean wantsConfirm(EpochPair pair) {
        return pair.isAgreed() && pair.secrets().heardNs() == 0 && pair.confirms < CONFIRMS;
    }

    private void confirmWhatWaits(Sight sight) {
        long nowNs = sight.nowNs();
        for (EpochPair pair : pairs) {
            if (wantsConfirm(pair) && (pair.confirms == 0 || nowNs - pair.nextConfirmNs >= 0)) {
                confirm(pair, false, nowNs);
                pair.nextConfirmNs = nowNs + (FIRST_CONFIRM_PAUSE_NS << Math.max(0, pair.confirms - 1));
                pair.confirms++;
            }
        }
        EpochPair newest = pairs.isEmpty() ? null : pairs.getLast();
        if (newest != null
                && !newest.isAgreed()
                && sending == null
                && sight.waiting()
                && (newest.confirms == 0 || nowNs - newest.nextConfirmNs >= 0)) {
            confirm(newest, false, nowNs);
            newest.nextConfirmNs = nowNs + SECOND_NS;
            newest.confirms++;
        }
    }

    private void confirm(EpochPair pair, boolean heard, long nowNs) {
        line.say(
                new Route(pair.base(), pair, pair.from()),
                new Items(null, null, null, new Confirm(heard, pair.own().leftMs(nowNs))));
    }

    // Rules 3 and 5: what the other side says

    private void announced(Announcement announcement, @Nullable Proof proof, Route route, Sight sight) {
        Core core = announcement.core();
        heardOf = core;
        if (terms.mode() == Mode.OFF) {
            if (announcement.answers() == 0 && rateOf(route, Trust.NONE, sight).pass(sight.nowNs())) {
                Core ours = Core.keyless(terms, route.base().epochs().incarnation());
                say(route, announcement(ours, 0, route.to(), core.tag()), null);
            }
            return;
        }
        if (!core.hasKey()) {
            if (core.mode() != Mode.OFF && announcement.answers() == 0) {
                asked(route, announcement, sight);
            }
            return;
        }
        if (core.key().length != route.base().epochs().newest().material().publicKey().length
                || isPast(core, route)
                || isOutdated(core, route.base())) {
            return;
        }
        if (route.under() != null) {
            show(core, route.base());
        }
        Trust trust = trust(route, announcement.echo(), sight);
        if (announcement.answers() == 0) {
            first(announcement, route, trust, sight);
        } else if (trust != Trust.NONE
                && announcement.answers() == ownCore(route.base()).tag()) {
            peersCookie = announcement.cookie();
            answered(announcement, proof, route, trust, sight);
        }
    }

    /** Anybody can have a cookie for his own address, so it counts for nothing where the peer cannot be. */
    private Trust trust(Route route, int echo, Sight sight) {
        if (route.under() != null) {
            return Trust.SEALED;
        }
        Endpoint from = route.to();
        boolean peerMayBeThere = sight.isAt(from) || firsts.wentTo(from);
        return peerMayBeThere && echo == cookies.applyAsInt(from) ? Trust.ECHOES : Trust.NONE;
    }

    /** It has forgotten us and says so, in no more than a few bytes: our first goes to where it is. */
    private void asked(Route route, Announcement announcement, Sight sight) {
        if (sight.isAt(route.to()) && mayBeProvoked(provokedByAsking, sight)) {
            peersCookie = announcement.cookie();
            sayFirst(new Route(route.base(), null, route.to()), sight.nowNs());
        }
    }

    private void first(Announcement first, Route route, Trust trust, Sight sight) {
        if (route.base().weAreA() && firsts.outstanding(route.to(), sight.nowNs())) {
            return; // both began at once: the other answers
        }
        boolean mayBePeer = trust != Trust.NONE || sight.isAt(route.to());
        if (mayBePeer) {
            peersCookie = first.cookie();
        }
        EpochPair there = find(route.base(), first.core(), true);
        if (there != null) {
            if (mayBePeer) {
                there.from(route.to()); // else a first that somebody passed on would have our confirms go to him
            }
            sayAnswer(there, first, route, trust, sight);
            return;
        }
        Pending next = waiting.put(first, null, route, trust, withKem(first));
        if (!next.isComplete() || !mayMake(sight.nowNs())) {
            if (bareAnswers.pass(sight.nowNs())) {
                OwnEpoch own = route.base().epochs().newest();
                say(route, answerTo(first, own, route, sight.nowNs()), null);
            }
        }
    }

    private Announcement answerTo(Announcement first, OwnEpoch own, Route route, long nowNs) {
        Core core = Core.of(terms, route.base().epochs().incarnation(), own);
        return new Announcement(
                core,
                own.leftMs(nowNs),
                cookies.applyAsInt(route.to()),
                first.cookie(),
                first.core().tag());
    }

    private void answered(Announcement announcement, @Nullable Proof proof, Route route, Trust trust, Sight sight) {
        if (proof == null) {
            return; // it had no time for us: the cookie will help
        }
        EpochPair there = find(route.base(), announcement.core(), false);
        if (there != null) {
            if (there.secrets().isProof(proof.value())) {
                there.from(route.to());
                agree(there, sight.nowNs());
                return;
            }
            if (!proof.withKem()) {
                refusedProofs++;
                return;
            }
        }
        waiting.put(announcement, proof, route, trust, withKem(announcement));
    }

    /** Where both can do it, there is no pair without it. */
    private boolean withKem(Announcement announcement) {
        return terms.has(Core.ML_KEM) && announcement.core().has(Core.ML_KEM);
    }

    private void sayAnswer(EpochPair pair, Announcement first, Route route, Trust trust, Sight sight) {
        if (!rateOf(route, trust, sight).pass(sight.nowNs())) {
            return;
        }
        byte[] ciphertext = pair.secrets().ciphertext();
        byte[] hash = ciphertext.length == 0 ? new byte[Core.HASH_BYTES] : Core.hash(ciphertext);
        say(
                route,
                answerTo(first, pair.own(), route, sight.nowNs()),
                new Proof(pair.secrets().proof(), hash));
        if (ciphertext.length > 0) {
            sayParts(route, ciphertext, first.cookie());
        }
    }

    /** Who has the static key can say the peer's own announcement again and again, from the peer's address: it uses up no answer to the peer. */
    private Rate rateOf(Route route, Trust trust, Sight sight) {
        return switch (trust) {
            case SEALED -> answersUnderPairs;
            case ECHOES -> answersToFavoured;
            case NONE -> sight.isAt(route.to()) ? answersToPeersAddress : answersToOthers;
        };
    }

    private void confirmed(Confirm confirm, EpochPair pair, Route route, Sight sight) {
        if (!pairs.contains(pair)) {
            return;
        }
        pair.from(route.to());
        agree(pair, sight.nowNs());
        pair.theirEndNs(sight.nowNs() + Math.min(confirm.leftMs(), EpochPair.LONGEST_LEFT_MS) * 1_000_000);
        if (!confirm.heard()) {
            confirm(pair, true, sight.nowNs());
        }
    }

    // Rule 4: making pairs

    private boolean mayMake(long nowNs) {
        return !madeBefore || nowNs - madeNs >= SECOND_NS;
    }

    private void make(Sight sight) {
        Pending next = mayMake(sight.nowNs()) ? waiting.next() : null;
        if (next != null) {
            madeBefore = true;
            madeNs = sight.nowNs();
            make(next, sight);
        }
    }

    @SuppressWarnings("ReferenceEquality") // an answer is to the very epoch that is still the newest
    private void make(Pending pending, Sight sight) {
        Announcement announcement = pending.announcement();
        StaticPair base = pending.route().base();
        Core ownCore = ownCore(base);
        Proof proof = pending.proof();
        if (proof != null && announcement.answers() != ownCore.tag()) {
            return; // our epoch or our terms have changed meanwhile
        }
        Kem kem = kem(pending);
        if (kem == null) {
            return; // not the KEM message that was announced
        }
        Ingredients ingredients = new Ingredients(base, base.epochs().newest(), ownCore, announcement.core(), kem);
        PairSecrets secrets = maker.make(ingredients);
        if (secrets == null) {
            return;
        }
        EpochPair pair = new EpochPair(ingredients, secrets, pending, sight.nowNs());
        if (proof == null) {
            pairs.add(pair);
            crowdOut(pair);
            sayAnswer(pair, announcement, pending.route(), pending.trust(), sight);
        } else if (secrets.isProof(proof.value())) {
            pairs.add(pair);
            agree(pair, sight.nowNs());
            choose(sight);
            confirmWhatWaits(sight);
        } else {
            secrets.erase();
            refusedProofs++;
        }
    }

    private static @Nullable Kem kem(Pending pending) {
        Parts parts = pending.parts();
        byte[] message = parts == null ? null : parts.whole();
        if (message == null) {
            return Kem.NONE;
        }
        Proof proof = pending.proof();
        if (proof == null) {
            return pending.announcement().core().isKemKey(message) ? new Kem(Kem.Role.ENCAPSULATE, message) : null;
        }
        return proof.isOf(message) ? new Kem(Kem.Role.DECAPSULATE, message) : null;
    }

    /**
     * What came under an epoch pair and the rest have places apart, so what a thief sends takes none that is the peer's for certain. Of the
     * rest one that may be anybody's goes first; else the oldest, lest what the peer said before it started anew keep its place.
     */
    private void crowdOut(EpochPair added) {
        boolean sealed = added.trust() == Trust.SEALED;
        List<EpochPair> others = pairs.stream()
                .filter(pair -> !pair.isAgreed() && !pair.equals(added) && (pair.trust() == Trust.SEALED) == sealed)
                .toList();
        if (others.size() >= CANDIDATES_SEALED_AND_OTHER) {
            EpochPair goes = others.stream()
                    .filter(pair -> pair.trust() == Trust.NONE)
                    .findFirst()
                    .orElse(others.getFirst());
            forgetIf(pair -> pair.equals(goes));
        }
    }

    /** The last one made of our newest epoch and this announcement. */
    @SuppressWarnings("ReferenceEquality") // the very same base
    private @Nullable EpochPair find(StaticPair base, Core theirs, boolean answering) {
        EpochPair found = null;
        for (EpochPair pair : pairs) {
            boolean sameKeys = pair.base() == base
                    && pair.isOf(ownCore(base))
                    && pair.theirs().equals(theirs);
            boolean kem = terms.has(Core.ML_KEM) && theirs.has(Core.ML_KEM);
            if (sameKeys && (!kem || pair.answersFirst() == answering)) {
                found = pair;
            }
        }
        return found;
    }

    // Rules 6, 8 and 9: what becomes of them

    private void look(Sight sight) {
        for (EpochPair pair : List.copyOf(pairs)) {
            if (pairs.contains(pair) && !pair.isAgreed() && pair.secrets().heardNs() != 0) {
                agree(pair, sight.nowNs());
            }
        }
    }

    private void agree(EpochPair pair, long nowNs) {
        if (!pair.isAgreed()) {
            pair.agreeAt(nowNs);
            everAgreed = true;
            crowdOutAgreed(pair);
        }
        show(pair.theirs(), pair.base());
        Integer before = present;
        if (before == null || before != pair.incarnation()) {
            sentUnder.clear();
        }
        present = pair.incarnation();
        for (EpochPair older : pairs) {
            if (older.equals(pair)) {
                break; // what was announced after it may be of a restart since
            }
            if (older.incarnation() != pair.incarnation()) {
                past(older);
            }
        }
        forgetIf(each -> !each.isAgreed() && past.containsKey(each.incarnation()));
        past.remove(present);
    }

    /**
     * A peer that starts again and again, or says so, is not to fill the memory: the pair agreed longest ago goes. Only the peer can have
     * any agreed, so nobody else takes one from it.
     */
    private void crowdOutAgreed(EpochPair added) {
        List<EpochPair> all = pairs.stream().filter(EpochPair::isAgreed).toList();
        if (all.size() > MOST_AGREED) {
            all.stream()
                    .filter(pair -> !pair.equals(added) && !pair.equals(sending))
                    .min(Comparator.comparingLong(EpochPair::agreedNs))
                    .ifPresent(oldest -> forgetIf(pair -> pair.equals(oldest)));
        }
    }

    private void past(EpochPair older) {
        past.remove(older.incarnation());
        past.put(older.incarnation(), older.own().serial());
        if (past.size() > PAST_INCARNATIONS) {
            past.remove(past.keySet().iterator().next());
        }
    }

    /**
     * An incarnation that another has taken the place of: what it once said may be said again by somebody who recorded it. With an epoch
     * of ours that is younger than its end it may come back.
     */
    private boolean isPast(Core core, Route route) {
        Integer serial = past.get(core.incarnation());
        return serial != null
                && Integer.compareUnsigned(route.base().epochs().newest().serial(), serial) <= 0;
    }

    /**
     * Of an older epoch than one that the peer has shown to be its own: late, or recorded. It must not push out a candidate that the peer
     * has. What anybody with a static key can announce shows nothing.
     */
    private boolean isOutdated(Core core, StaticPair base) {
        Core newest = shown.get(base);
        return newest != null
                && newest.incarnation() == core.incarnation()
                && Integer.compareUnsigned(core.serial(), newest.serial()) < 0;
    }

    /** By an agreed pair, or by an announcement under one. */
    private void show(Core core, StaticPair base) {
        if (!isOutdated(core, base)) {
            shown.put(base, core);
        }
    }

    /** Serials say nothing across static pairs, whose two keys and whose side a may be others. */
    private void choose(Sight sight) {
        List<EpochPair> good = pairs.stream()
                .filter(EpochPair::isAgreed)
                .filter(pair -> Objects.equals(present, pair.incarnation()) && sight.nowNs() < pair.endNs())
                .filter(this::isNotLessThanWhatWasSentUnder)
                .toList();
        StaticPair base = good.stream()
                .max(Comparator.comparing((EpochPair pair) -> pair.base().equals(sight.base()))
                        .thenComparingLong(EpochPair::agreedNs))
                .map(EpochPair::base)
                .orElse(null);
        sending = good.stream()
                .filter(pair -> pair.base().equals(base))
                .max(Comparator.comparing((EpochPair pair) -> pair, EpochPair::compare)
                        .thenComparingLong(EpochPair::agreedNs))
                .orElse(null);
        if (sending != null) {
            sentUnder.put(sending.base(), sending);
        }
    }

    private boolean isNotLessThanWhatWasSentUnder(EpochPair pair) {
        EpochPair least = sentUnder.get(pair.base());
        return least == null || EpochPair.compare(pair, least) >= 0;
    }

    private void erase(long nowNs) {
        forgetIf(pair -> nowNs - pair.endNs() >= GRACE_NS);
        for (EpochPair better : List.copyOf(pairs)) {
            long dataNs = better.secrets().dataNs();
            if (dataNs != 0 && nowNs - dataNs >= OLDER_GO_AFTER_NS) {
                forgetIf(pair -> isOlder(pair, better));
            }
        }
    }

    private void forgetIf(Predicate<EpochPair> which) {
        pairs.removeIf(pair -> {
            boolean goes = which.test(pair);
            if (goes) {
                pair.secrets().erase();
            }
            return goes;
        });
    }

    private boolean isOlder(EpochPair pair, EpochPair than) {
        return pair.incarnation() == than.incarnation()
                ? pair.base().equals(than.base()) && EpochPair.compare(pair, than) < 0
                : Objects.equals(present, than.incarnation()) && past.containsKey(pair.incarnation());
    }
}
