package org.culvert.core.epoch;

import org.culvert.tun.Endpoint;

/** One epoch of ours with one of the peer's: keys of their own, a candidate until the other side has shown to have them too. */
public final class EpochPair {
    /** No gateway has longer epochs; one that says so is not believed. */
    static final long LONGEST_LEFT_MS = 25 * 3_600_000L;

    private final StaticPair base;
    private final OwnEpoch own;
    private final Core ownCore;
    private final Core theirs;
    private final PairSecrets secrets;
    private final boolean answered;
    private final Trust trust;
    private Endpoint from;
    private long theirEndNs;
    private long agreedNs;
    private boolean agreed;
    int confirms;
    long nextConfirmNs;

    EpochPair(Maker.Ingredients made, PairSecrets secrets, Pending of, long nowNs) {
        this.base = made.base();
        this.own = made.own();
        this.ownCore = made.ownCore();
        this.theirs = made.theirs();
        this.secrets = secrets;
        this.answered = of.announcement().answers() == 0;
        this.trust = of.trust();
        this.from = of.route().to();
        this.theirEndNs = nowNs + Math.min(of.announcement().leftMs(), LONGEST_LEFT_MS) * 1_000_000;
    }

    public PairSecrets secrets() {
        return secrets;
    }

    public StaticPair base() {
        return base;
    }

    /** Which kind of announcement it was made for. */
    Trust trust() {
        return trust;
    }

    /** Whether it was made to answer a first, so with our ciphertext; else of an answer. */
    boolean answersFirst() {
        return answered;
    }

    OwnEpoch own() {
        return own;
    }

    /** Whether we announced exactly that for it. */
    boolean isOf(Core ours) {
        return ownCore.equals(ours);
    }

    Core theirs() {
        return theirs;
    }

    public Endpoint from() {
        return from;
    }

    void from(Endpoint last) {
        from = last;
    }

    /** When the first of the two epochs ends: nothing is sealed under it any more. */
    public long endNs() {
        return Math.min(own.endNs(), theirEndNs);
    }

    /** What the other side said under the pair itself; never more than it said before. */
    void theirEndNs(long ns) {
        theirEndNs = Math.min(theirEndNs, ns);
    }

    public boolean isAgreed() {
        return agreed;
    }

    /** When it was; only if it {@link #isAgreed}. */
    public long agreedNs() {
        return agreedNs;
    }

    void agreeAt(long nowNs) {
        agreed = true;
        agreedNs = nowNs;
    }

    int incarnation() {
        return theirs.incarnation();
    }

    /** Of pairs with one {@link #base}: by a's serial, then by b's. Both sides have the same order. */
    static int compare(EpochPair one, EpochPair other) {
        int a = Integer.compareUnsigned(one.serialOfA(), other.serialOfA());
        return a != 0 ? a : Integer.compareUnsigned(one.serialOfB(), other.serialOfB());
    }

    private int serialOfA() {
        return base.weAreA() ? own.serial() : theirs.serial();
    }

    private int serialOfB() {
        return base.weAreA() ? theirs.serial() : own.serial();
    }

    /** For people: our epoch and theirs. */
    @Override
    public String toString() {
        return "epochs " + own.serial() + " and " + theirs.serial();
    }
}
