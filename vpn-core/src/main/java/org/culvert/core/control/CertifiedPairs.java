package org.culvert.core.control;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.culvert.core.crypto.HostIdentity;
import org.culvert.core.crypto.KeyAgreementException;
import org.culvert.core.crypto.PairSecret;
import org.culvert.core.crypto.SecretBytes;
import org.culvert.core.peer.PairKeys;
import org.culvert.core.peer.Peer;
import org.culvert.keymgmt.trust.HostCertificate;
import org.jspecify.annotations.Nullable;

/**
 * The pairs of keys that certificates give us and one peer: each own key whose certificate is good with each of the peer's that is. There
 * is one, but during a change of keys: then packets are opened under all, and data is sealed under the newest that the peer was heard
 * with ({@link #choose}). So each side goes over when it knows that the other can follow, and no packet is lost.
 *
 * <p>That both do not wait for each other: as long as the newest is not in use, each says once in a while what it opens ({@link #due}), and
 * sends the same under a newer pair as soon as the other has said that it opens that one. Control thread.
 */
final class CertifiedPairs {
    private static final long NS_PER_SECOND = 1_000_000_000L;

    /** After a change of certificates; then it may be days until the other administrator does his part. */
    private static final int PROMPT_TIMES = 10;

    private static final long PROMPT_NS = NS_PER_SECOND;
    private static final long PATIENT_NS = 10 * NS_PER_SECOND;

    /** Nothing heard for so long: it may have only keys that we did not expect it to use yet. */
    private static final long SILENT_NS = 30 * NS_PER_SECOND;

    /** So many messages in a row under an older pair than ours: the peer has gone back. */
    private static final int GONE_BACK = 3;

    private final Peer peer;
    private final KeyRing ring;
    private List<Pair> pairs = List.of(); // oldest first
    private @Nullable Pair base;
    private final Set<Id> heard = new HashSet<>();
    private final Set<Id> leftAgain = new HashSet<>();
    private final Map<Id, Long> lastSent = new HashMap<>(); // by the sender's clock
    private Set<Long> opensThere = Set.of();
    private int underOlder;
    private int said;
    private long nextNs;

    CertifiedPairs(Peer peer, KeyRing ring) {
        this.peer = peer;
        this.ring = ring;
    }

    /** Whose keys: what makes two pairs one. */
    private record Id(String own, String theirs) {}

    private record Pair(Id id, OwnIdentity own, HostCertificate theirs, PairKeys keys) {}

    /**
     * Makes and drops pairs, so that there is one for each own identity with each of the peer's certificates of its kind. What stays is not touched.
     *
     * @param preShared goes into those that are made now; null: none
     * @param next version of the snapshot that is the first without those that went
     * @return true when something changed
     * @throws KeyAgreementException when there is none at all, and why
     */
    boolean settle(List<OwnIdentity> own, List<HostCertificate> theirs, @Nullable SecretBytes preShared, long next)
            throws KeyAgreementException {
        List<Pair> wanted = new ArrayList<>();
        boolean changed = false;
        KeyAgreementException fault = null;
        for (OwnIdentity ours : own) {
            for (HostCertificate their : theirs) {
                if (ours.certificate().keyKind() != their.keyKind()) {
                    continue;
                }
                Id id = new Id(ours.certificate().keyFingerprint(), their.keyFingerprint());
                Optional<Pair> known =
                        pairs.stream().filter(pair -> pair.id.equals(id)).findFirst();
                try {
                    PairKeys keys = known.isPresent() ? known.get().keys : agree(ours, their, preShared);
                    wanted.add(new Pair(id, ours, their, keys));
                    changed |= known.isEmpty();
                } catch (KeyAgreementException e) {
                    fault = e;
                }
            }
        }
        wanted.sort(AGE);
        List<Pair> before = pairs;
        pairs = List.copyOf(wanted);
        for (Pair pair : before) {
            if (pairs.stream().noneMatch(each -> each.id.equals(pair.id))) {
                ring.remove(peer, pair.keys, next);
                changed = true;
            }
        }
        if (pairs.isEmpty()) {
            ring.remove(peer, next); // and what was agreed on since
        }
        if (changed) {
            said = 0;
            nextNs = 0;
        }
        lastSent.keySet().retainAll(pairs.stream().map(Pair::id).toList());
        choose();
        if (pairs.isEmpty() && fault != null) {
            throw fault;
        }
        return changed;
    }

    /** The pair whose newer half is older comes first, then the one whose older half is: both gateways find the same order. */
    private static final Comparator<Pair> AGE = Comparator.comparing(
                    (Pair pair) -> max(pair.own.certificate(), pair.theirs).notBefore())
            .thenComparing(pair -> min(pair.own.certificate(), pair.theirs).notBefore());

    private static HostCertificate max(HostCertificate one, HostCertificate other) {
        return one.notBefore().isBefore(other.notBefore()) ? other : one;
    }

    private static HostCertificate min(HostCertificate one, HostCertificate other) {
        return one.notBefore().isBefore(other.notBefore()) ? one : other;
    }

    private PairKeys agree(OwnIdentity own, HostCertificate theirs, @Nullable SecretBytes preShared)
            throws KeyAgreementException {
        PairSecret secret = PairSecret.agree(own.key().privateKey(), theirs.publicKey(), preShared);
        PairKeys keys = new PairKeys(secret, own.id(), HostIdentity.id(theirs.name(), theirs.spki()));
        ring.add(peer, keys);
        return keys;
    }

    /** The peer goes down, or its keys are to be made anew. What was heard is remembered: that does not change. */
    void drop(long next) {
        pairs = List.of();
        base = null;
        ring.remove(peer, next);
    }

    boolean any() {
        return !pairs.isEmpty();
    }

    /**
     * The newest pair that the peer was heard with; while there is none, the one used so far, and at first the oldest, which everybody
     * knows. Data goes under it unless it goes under keys that were agreed on since.
     *
     * @return true when it is another than before
     */
    boolean choose() {
        Pair chosen = pairs.isEmpty() ? null : pairs.getFirst();
        for (Pair pair : pairs) {
            boolean used = base != null && pair.id.equals(base.id);
            chosen = isHeard(pair) || (used && !isHeard(chosen)) ? pair : chosen;
        }
        Pair before = base;
        base = chosen;
        if (chosen == null || (before != null && chosen.id.equals(before.id))) {
            return false;
        }
        PairKeys now = ring.sendsUnder(peer);
        if (now == null || isOurs(now)) {
            ring.sendUnder(peer, chosen.keys);
        }
        said = 0;
        nextNs = 0; // so that the peer hears it under this one
        return true;
    }

    private boolean isHeard(@Nullable Pair pair) {
        return pair != null && (heard.contains(pair.id) || (pair.keys.heard() && !leftAgain.contains(pair.id)));
    }

    /** Whether a packet opened under a pair with this certificate's key. */
    boolean heardWith(HostCertificate theirs) {
        return pairs.stream().anyMatch(pair -> pair.id.theirs.equals(theirs.keyFingerprint()) && isHeard(pair));
    }

    private boolean isOurs(PairKeys keys) {
        return of(keys) != null;
    }

    @SuppressWarnings("ReferenceEquality") // the very same keys
    private @Nullable Pair of(@Nullable PairKeys keys) {
        return pairs.stream().filter(pair -> pair.keys == keys).findFirst().orElse(null);
    }

    /** What data goes under, or epoch keys hang on; null while the peer is down. */
    @Nullable
    PairKeys base() {
        return base == null ? null : base.keys;
    }

    /** Shows what each pair was made of. */
    void forEach(PairVisitor visitor) {
        pairs.forEach(pair -> visitor.visit(pair.keys, pair.own, pair.theirs));
    }

    /** Takes one pair. */
    interface PairVisitor {
        void visit(PairKeys keys, OwnIdentity own, HostCertificate theirs);
    }

    /**
     * The same of a message that marked no replay window, and so may be a recording. A recording is of before what came since: whoever plays
     * it must not have us go back to keys that the peer has left.
     *
     * @param sentTicks by the sender's clock; all that it seals at once has the same, so of one moment one alone counts
     * @return whether nothing that came under these keys and under newer ones was sent later; else it is not to be looked at
     */
    boolean receivedUnmarked(@Nullable PairKeys under, long sentTicks) {
        Pair pair = of(under);
        if (pair == null) {
            return false;
        }
        long newestTicks = pairs.subList(pairs.indexOf(pair), pairs.size()).stream()
                .mapToLong(each -> lastSent.getOrDefault(each.id, Long.MIN_VALUE))
                .max()
                .orElseThrow();
        if (sentTicks > newestTicks) {
            received(under, sentTicks);
        }
        return sentTicks >= newestTicks;
    }

    /**
     * A message of the peer's gateway opened under these keys. Three in a row under an older pair than ours: it has gone back to that.
     *
     * @param sentTicks by the sender's clock
     */
    void received(@Nullable PairKeys under, long sentTicks) {
        Pair pair = of(under);
        if (pair == null || base == null) {
            return;
        }
        lastSent.merge(pair.id, sentTicks, Math::max);
        heard.add(pair.id);
        leftAgain.remove(pair.id);
        underOlder = pairs.indexOf(pair) < pairs.indexOf(base) ? underOlder + 1 : 0;
        if (underOlder >= GONE_BACK) {
            pairs.subList(pairs.indexOf(pair) + 1, pairs.size()).forEach(newer -> {
                heard.remove(newer.id);
                leftAgain.add(newer.id);
            });
            underOlder = 0;
        }
    }

    /** The peer says what it opens: tags as {@link PairKeys#sendingTag} has them. */
    void opensThere(Set<Long> tags) {
        if (!tags.equals(opensThere)) {
            opensThere = Set.copyOf(tags);
            nextNs = 0;
        }
    }

    /** What we open, to be said to the peer. */
    long[] opensHere() {
        return pairs.stream().mapToLong(pair -> pair.keys.receivingTag()).toArray();
    }

    /** Under which pairs that is to be said now; mostly none. */
    List<PairKeys> due(long nowNs) {
        if (pairs.size() < 2 || base == null || nowNs - nextNs < 0) {
            return List.of();
        }
        boolean silent = peer.lastReceivedNs() == 0 || nowNs - peer.lastReceivedNs() > SILENT_NS;
        int at = pairs.indexOf(base);
        boolean settled = at == pairs.size() - 1 && said > 0 && !silent;
        nextNs = nowNs + (said < PROMPT_TIMES ? PROMPT_NS : PATIENT_NS);
        said++;
        if (settled) {
            return List.of();
        }
        List<PairKeys> under = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            PairKeys keys = pairs.get(i).keys;
            if (i == at || silent || (i > at && opensThere.contains(keys.sendingTag()))) {
                under.add(keys);
            }
        }
        return under;
    }

    /** For people: how far a change of keys is; empty when there is none. */
    Optional<String> progress() {
        if (pairs.size() < 2 || base == null) {
            return Optional.empty();
        }
        Pair newest = pairs.getLast();
        Pair used = inUse(base);
        String using = "sends under " + used.own.certificate().file().getFileName() + " and "
                + used.theirs.file().getFileName();
        return Optional.of("change of keys: " + using
                + (used.equals(newest) ? ", the newest" : ", not heard yet under the newest"));
    }

    /** Of which host keys those are that data goes under: epoch keys of a new pair are agreed on a little after it was chosen. */
    private Pair inUse(Pair otherwise) {
        PairKeys used = ring.inUse(peer);
        return pairs.stream()
                .filter(pair -> used != null && pair.keys.isOfSameHosts(used))
                .findFirst()
                .orElse(otherwise);
    }
}
