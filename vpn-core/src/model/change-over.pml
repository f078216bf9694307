/*
 * How two gateways come from one pair of epoch keys to the next (doc/protocol.md, "Epoch keys"), for spin. Two gateways, and a
 * network that belongs to the attacker.
 *
 *   spin -a change-over.pml && gcc -O2 -DSAFETY -o pan pan.c && ./pan -noclaim      what may never happen: the assertions
 *   spin -a change-over.pml && gcc -O2 -o pan pan.c && ./pan -a                     what must happen: the claim "settled"
 *
 * The network first does what it likes: whatever was ever sent arrives never, once, often, in any order, at any later time, and
 * gateways restart, make epochs and forget them in between. That is the worst a lossy, reordering, duplicating channel and an
 * attacker with a recorder can do together. At any moment it may turn calm: from then on nothing sent is lost, though once per
 * tick of the timers something old or forged may still come in between. Two ticks of the timers later data can flow both ways, from every
 * state that the chaos leads to. So there is none in which both sides wait for ever.
 *
 * Every assertion, and what spin says when a line is wrong: ChangeOverLabTest.
 *
 * Left out: cryptography (who lacks an input of a pair's master secret neither seals nor opens under it), hours, suites, KEM and
 * packet numbers, and the limit of one pair made per second. Time is the order of events, with two assumptions, each a guard below:
 * no packet is under way for more than 10 s (ERASE_OLDER); and, where LATE is 0, a change-over that nobody disturbs is over before
 * its epoch is (FORGET).
 */

#ifndef EPOCHS
#define EPOCHS 2 /* of each gateway, restarts included; at most 3 */
#endif
#ifndef RESTARTS
#define RESTARTS 2 /* 2: both may restart; 1: A may; 0: the first pair is in use and nobody restarts; then no data may be dropped for want of a key */
#endif
#ifndef LATE
#define LATE (RESTARTS > 0) /* 1: an epoch may be over before its successor is agreed */
#endif
#ifndef THIEF
#define THIEF 1 /* 1: somebody has A's static key and announces epoch keys of his own to A, as if he were B, and answers A's */
#endif
#ifndef MEDDLING
#define MEDDLING 0 /* how many ticks of the calm something old or forged still comes in between */
#endif
#define TICKS (MEDDLING + 2)

/*
 * What he cannot do: seal under a pair whose master secret has DH(Ea, Sb) in it, or have anything said under a static pair count as
 * agreement. The tests turn these, and other lines, and spin finds what goes wrong then.
 */
#define THIEF_CAN_SEAL 0
#define STATIC_AGREES 0

#define OFF 0
#define PREFERRED 1
#define REQUIRED 2
#ifndef MODE_A
#define MODE_A REQUIRED
#endif
#ifndef MODE_B
#define MODE_B REQUIRED
#endif
#define MODE(s) ((1 - (s)) * MODE_A + (s) * MODE_B)

/*
 * A gateway's epochs are numbered from 1 on, whatever incarnation they are of; FORGED is the thief's. A pair is one epoch of A and one
 * of B, as one number that grows with (epoch of a, epoch of b); STATIC stands for the keys that need no message.
 */
#define FORGED (EPOCHS + 1)
#define NONE 0
#define STATIC 255
#define PEER(s) (1 - (s))
#define REAL(a, b) (((a) - 1) * FORGED + (b))
#define PAIR(s, own, peers) ((s) == 0 -> REAL(own, peers) : REAL(peers, own))
#define EPOCH_OF(s, p) ((s) == 0 -> ((p) - 1) / FORGED + 1 : ((p) - 1) % FORGED + 1)
#define BIT(p) (1 << (p))
#define ALL ((1 << 17) - 1)
#define LAST REAL(EPOCHS, EPOCHS)

typedef Gateway {
    byte oldest, newest;     /* its epochs whose private halves it has: one, or two around a change */
    byte begins[5];          /* per epoch, the number of the incarnation that it is of */
    byte favoured[2];        /* candidates from announcements under an agreed pair, oldest first */
    byte candidate[2];       /* candidates from the rest */
    unsigned agreed : 17;    /* set of pairs */
    byte known;              /* the peer's newest epoch that there was an agreed pair of, or that it announced under one, which no thief can */
    byte present;            /* the peer's present incarnation */
    byte carrier;            /* the best agreed pair: what data goes under, or NONE */
    bool newerData;          /* data came under the carrier: what is less may go */
    bool everAgreed;         /* mode preferred only: the state file's memory */
    bool reached;            /* a pair was ever agreed: the model's own memory */
    byte data;               /* chaos: the pair of the data packet under way from here, or NONE */
    unsigned proved : 17;    /* pairs whose proof was ever sent from here, and with that recorded */
    unsigned sealed : 17;    /* pairs under which anything was ever sealed here */
    /* Calm: what was sent from here and will arrive. */
    bool first, answer;
    byte confirm1;           /* a pair */
    byte sends;              /* data or confirm 0, under this pair */
};

Gateway g[2];
bool calm;
byte ticks;
bool meddling;               /* calm: something old or forged may come this tick */
byte i, pair;                /* scratch, 0 between steps */

#define CANDIDATE(s, p) (g[s].candidate[0] == (p) || g[s].candidate[1] == (p) || g[s].favoured[0] == (p) || g[s].favoured[1] == (p))
#define IS_AGREED(s, p) ((g[s].agreed & BIT(p)) != 0)
#define HOLDS(s, p) (CANDIDATE(s, p) || IS_AGREED(s, p))
#define OWNS(s, epoch) (g[s].oldest <= (epoch) && (epoch) <= g[s].newest)
#define INCARNATION(s, epoch) g[s].begins[epoch]
#define IS_PRESENT(s, p) (INCARNATION(PEER(s), EPOCH_OF(PEER(s), p)) == g[s].present)

/*
 * Rule 4: an epoch before one of the same incarnation that there is an agreed pair of, or that was announced under an agreed pair. Nobody needs
 * a pair with that, but it would push out one that is needed.
 */
#define SAME_INCARNATION(s, one, other) (INCARNATION(PEER(s), one) == INCARNATION(PEER(s), other))
#define OUTDATES(s, epoch) (epoch > 1 && g[s].known < epoch && SAME_INCARNATION(s, epoch - 1, epoch)) /* else there is none that it could: fewer states */
#define OUTDATED(s, epoch) (epoch < g[s].known && SAME_INCARNATION(s, epoch, g[s].known))

#define ACCEPTS_STATIC(s) (MODE(s) == OFF || MODE(s) == PREFERRED && !g[s].everAgreed)
#define SENDS_UNDER(s) (g[s].carrier != NONE -> g[s].carrier : (ACCEPTS_STATIC(s) -> STATIC : NONE))
#define ARRIVES(s) (g[s].carrier != NONE && HOLDS(PEER(s), g[s].carrier) || g[s].carrier == NONE && ACCEPTS_STATIC(s) && ACCEPTS_STATIC(PEER(s)))
#define SETTLED (ARRIVES(0) && ARRIVES(1))
#define COMPATIBLE (!(MODE_A == REQUIRED && MODE_B == OFF || MODE_A == OFF && MODE_B == REQUIRED))

/* ---- what a gateway does; the rules' numbers are those of doc/protocol.md ---- */

/* Rule 8: of the pairs with the peer's present incarnation the greatest. */
inline choose(s) {
    i = LAST;
    do
    :: i > 0 && !(IS_AGREED(s, i) && IS_PRESENT(s, i)) -> i--
    :: else -> break
    od;
    if
    :: i != g[s].carrier -> g[s].carrier = i; g[s].newerData = false
    :: else
    fi;
    i = 0
}

/* Rules 3, 4 and 6: an announcement makes a candidate and nothing else. Of too many the oldest goes. */
inline make_pair(s, p, favour) {
    if
    :: HOLDS(s, p) || MODE(s) == OFF -> skip
    :: else ->
        printf("%c: candidate a%d b%d\n", 'A' + s, EPOCH_OF(0, p), EPOCH_OF(1, p));
        if
        :: favour && g[s].favoured[0] == NONE -> g[s].favoured[0] = p
        :: favour && g[s].favoured[0] != NONE && g[s].favoured[1] == NONE -> g[s].favoured[1] = p
        :: favour && g[s].favoured[1] != NONE -> g[s].favoured[0] = g[s].favoured[1]; g[s].favoured[1] = p
        :: !favour && g[s].candidate[0] == NONE -> g[s].candidate[0] = p
        :: !favour && g[s].candidate[0] != NONE && g[s].candidate[1] == NONE -> g[s].candidate[1] = p
        :: !favour && g[s].candidate[1] != NONE -> g[s].candidate[0] = g[s].candidate[1]; g[s].candidate[1] = p
        fi
    fi
}

inline drop_candidate(s, p) {
    if
    :: g[s].candidate[0] == p -> g[s].candidate[0] = g[s].candidate[1]; g[s].candidate[1] = NONE
    :: g[s].candidate[1] == p -> g[s].candidate[1] = NONE
    :: g[s].favoured[0] == p -> g[s].favoured[0] = g[s].favoured[1]; g[s].favoured[1] = NONE
    :: g[s].favoured[1] == p -> g[s].favoured[1] = NONE
    :: else
    fi
}

/* Rule 6: something opened under the pair's own keys, or its proof was right. */
inline agree(s, p) {
    assert(EPOCH_OF(1, p) != FORGED);                                          /* the thief poses as nobody */
    assert(((g[PEER(s)].proved | g[PEER(s)].sealed) & BIT(p)) != 0);            /* the peer has shown that it has it */
    assert(OWNS(s, EPOCH_OF(s, p)));                                           /* nothing from before our restart or beyond an epoch */
    drop_candidate(s, p);
    if
    :: IS_AGREED(s, p) -> skip
    :: else -> printf("%c: agreed a%d b%d\n", 'A' + s, EPOCH_OF(0, p), EPOCH_OF(1, p))
    fi;
    g[s].agreed = g[s].agreed | BIT(p);
    if
    :: OUTDATES(s, EPOCH_OF(PEER(s), p)) -> g[s].known = EPOCH_OF(PEER(s), p)
    :: else
    fi;
    g[s].present = INCARNATION(PEER(s), EPOCH_OF(PEER(s), p));
    g[s].everAgreed = (MODE(s) == PREFERRED);
    g[s].reached = true;
    choose(s)
}

/* Rule 2d: from a configured peer's endpoint. */
inline unknown_spi(s) {
    if
    :: calm && MODE(s) != OFF -> g[s].first = true
    :: else
    fi
}

/* Rule 3. A says nothing when its own first is under way: B answers that one. */
inline hear_first(s, epoch, favour) {
    if
    :: MODE(s) != OFF && MODE(PEER(s)) != OFF && !OUTDATED(s, epoch) ->
        if
        :: epoch != FORGED && favour && OUTDATES(s, epoch) -> g[s].known = epoch
        :: else
        fi;
        pair = PAIR(s, g[s].newest, epoch);
        make_pair(s, pair, favour);
        g[s].proved = g[s].proved | BIT(pair);
        pair = NONE;
        if
        :: calm && epoch == g[PEER(s)].newest && !(s == 0 && g[s].first) -> g[s].answer = true
        :: else
        fi
    :: else
    fi
}

/* Who lacks an input of the master secret has no proof. */
#define PROOF_IS_RIGHT(p) (EPOCH_OF(1, p) != FORGED)

/* Rule 5: with a wrong proof nothing is left of it. */
inline hear_answer(s, p) {
    if
    :: EPOCH_OF(s, p) == g[s].newest && !OUTDATED(s, EPOCH_OF(PEER(s), p)) && PROOF_IS_RIGHT(p) ->
        make_pair(s, p, false);
        agree(s, p)
    :: else
    fi
}

/* A confirm 0 or 1, or data, fresh. */
inline hear_sealed(s, p, asks) {
    if
    :: HOLDS(s, p) ->
        agree(s, p);
        if
        :: calm && asks -> g[s].confirm1 = p; g[s].sealed = g[s].sealed | BIT(p)
        :: else
        fi
    :: else -> unknown_spi(s)
    fi
}

/* All pairs of s with this epoch of t. */
inline erase_epoch(s, t, epoch) {
    for (i : 1 .. FORGED * FORGED) {
        if
        :: EPOCH_OF(t, i) == epoch -> g[s].agreed = g[s].agreed & ~BIT(i); drop_candidate(s, i)
        :: else
        fi
    }
    i = 0;
    choose(s)
}

/* Rule 9, second half: what is less than the carrier, or of another incarnation. */
inline erase_older(s) {
    for (i : 1 .. LAST) {
        if
        :: i < g[s].carrier || !IS_PRESENT(s, i) -> g[s].agreed = g[s].agreed & ~BIT(i)
        :: else
        fi
    }
    i = 0;
    g[s].newerData = false
}

inline restart(s) {
    printf("%c: restarts\n", 'A' + s);
    g[s].newest++;
    g[s].begins[g[s].newest] = g[s].begins[g[s].newest - 1] + 1;
    g[s].oldest = g[s].newest;
    g[s].candidate[0] = NONE; g[s].candidate[1] = NONE; g[s].favoured[0] = NONE; g[s].favoured[1] = NONE;
    g[s].agreed = 0;
    g[s].present = 0;
    g[s].known = 0;
    g[s].newerData = false;
    g[s].carrier = NONE
}

inline make_epoch(s) {
    printf("%c: a new epoch\n", 'A' + s);
    g[s].newest++;
    g[s].begins[g[s].newest] = g[s].begins[g[s].newest - 1]
}

inline send_data(s) {
    g[s].data = SENDS_UNDER(s);
    printf("%c: data under a%d b%d\n", 'A' + s, EPOCH_OF(0, g[s].data), EPOCH_OF(1, g[s].data));
    if
    :: g[s].data == STATIC -> assert(MODE(s) == OFF || MODE(s) == PREFERRED && !g[s].reached)
    :: else ->
        assert(OWNS(s, EPOCH_OF(s, g[s].data)));                                     /* never under a forgotten key */
        assert(((g[PEER(s)].proved | g[PEER(s)].sealed) & BIT(g[s].data)) != 0);      /* never under an unconfirmed one */
        g[s].sealed = g[s].sealed | BIT(g[s].data)
    fi
}

/* Rule 10. */
inline hear_static(s) {
    if
    :: ACCEPTS_STATIC(s) -> assert(MODE(s) == OFF || MODE(s) == PREFERRED && !g[s].reached)
    :: else -> skip /* no_forward_secrecy */
    fi
}

inline hear_data(s, p, again) {
    if
    :: HOLDS(s, p) ->
        agree(s, p);
        if
        :: g[s].carrier == p && g[s].agreed != BIT(p) -> g[s].newerData = true
        :: else
        fi
    :: !HOLDS(s, p) ->
        printf("%c: cannot open it\n", 'A' + s);
        assert(RESTARTS || LATE || again);                                        /* a change of epoch loses no packet */
        unknown_spi(s)
    fi
}

/* ---- the chaos ---- */

#define OF_NEWEST(s) (g[s].carrier != NONE && EPOCH_OF(s, g[s].carrier) == g[s].newest)
#define SAID(s, set, a, b) (EPOCHS >= a && EPOCHS >= b && (g[PEER(s)].set & BIT(REAL(a, b))) != 0)
#define UNDER_WAY(s) (g[PEER(s)].data != NONE && g[PEER(s)].data != g[s].carrier)
#define DONE(s) (OF_NEWEST(s) && g[PEER(s)].carrier != NONE && EPOCH_OF(s, g[PEER(s)].carrier) == g[s].newest)
#define USES(s, t, epoch) (g[s].carrier == NONE || EPOCH_OF(t, g[s].carrier) == epoch || g[s].data != NONE && EPOCH_OF(t, g[s].data) == epoch)

/* Old answers, and old packets under pairs. */
inline hear_again(s) {
    if
    :: d_step { SAID(s, proved, 1, 1) -> hear_answer(s, REAL(1, 1)) }
    :: d_step { SAID(s, proved, 1, 2) -> hear_answer(s, REAL(1, 2)) }
    :: d_step { SAID(s, proved, 2, 1) -> hear_answer(s, REAL(2, 1)) }
    :: d_step { SAID(s, proved, 2, 2) -> hear_answer(s, REAL(2, 2)) }
    :: d_step { MODE(PEER(s)) != REQUIRED -> hear_static(s) }
    :: d_step { SAID(s, sealed, 1, 1) -> hear_data(s, REAL(1, 1), true) }
    :: d_step { SAID(s, sealed, 1, 2) -> hear_data(s, REAL(1, 2), true) }
    :: d_step { SAID(s, sealed, 2, 1) -> hear_data(s, REAL(2, 1), true) }
    :: d_step { SAID(s, sealed, 2, 2) -> hear_data(s, REAL(2, 2), true) }
    fi
}

inline chaos(s) {
    if
    :: d_step { g[s].newest < EPOCHS && g[s].newest == g[s].oldest && (LATE || DONE(s)) -> make_epoch(s) }
    :: d_step { RESTARTS > s && g[s].newest < EPOCHS -> restart(s) }
    /* FORGET: a private half goes 60 s after its epoch, and with it all pairs that came from it */
    :: d_step { g[s].oldest < g[s].newest && (LATE || !USES(s, s, g[s].oldest) && !USES(PEER(s), s, g[s].oldest)) ->
        erase_epoch(s, s, g[s].oldest); g[s].oldest++ }
    /* the peer's end, as its announcement named it: that may have been long under way, so not before the peer itself */
    :: d_step { g[PEER(s)].oldest == 2 -> erase_epoch(s, PEER(s), 1) }
    :: d_step { EPOCHS > 2 && g[PEER(s)].oldest == 3 -> erase_epoch(s, PEER(s), 2) }
    /* ERASE_OLDER: 10 s after the first data under the better pair */
    :: d_step { g[s].newerData && !UNDER_WAY(s) -> erase_older(s) }
    /* what was ever said arrives, perhaps again */
    :: d_step { g[PEER(s)].newest >= 1 -> hear_first(s, 1, g[s].agreed != 0) }
    :: d_step { g[PEER(s)].newest >= 2 -> hear_first(s, 2, g[s].agreed != 0) }
    :: d_step { EPOCHS > 2 && g[PEER(s)].newest >= 3 -> hear_first(s, 3, g[s].agreed != 0) }
    :: hear_again(s)
    :: d_step { THIEF && s == 0 -> hear_first(s, FORGED, false) }
    :: d_step { THIEF && s == 0 -> pair = PAIR(s, g[s].newest, FORGED); hear_answer(s, pair); pair = NONE }
    :: d_step { THIEF && s == 0 && THIEF_CAN_SEAL -> pair = PAIR(s, g[s].newest, FORGED); hear_sealed(s, pair, false); pair = NONE }
    :: d_step { THIEF && s == 0 && STATIC_AGREES && g[s].candidate[0] != NONE -> pair = g[s].candidate[0]; agree(s, pair); pair = NONE }
    :: d_step { g[s].data == NONE && SENDS_UNDER(s) != NONE -> send_data(s);
        if
        :: RESTARTS -> g[s].data = NONE /* it may arrive whenever it likes, in hear_again */
        :: else
        fi }
    :: d_step { g[s].data == STATIC -> hear_static(PEER(s)); g[s].data = NONE }
    :: d_step { g[s].data != NONE && g[s].data != STATIC -> hear_data(PEER(s), g[s].data, false); g[s].data = NONE }
    :: d_step { g[s].data != NONE -> g[s].data = NONE }
    fi
}

/* ---- the calm ---- */

#define COMING(s) (g[PEER(s)].first || g[PEER(s)].answer || g[PEER(s)].confirm1 != NONE || g[PEER(s)].sends != NONE)
#define SILENT (!COMING(0) && !COMING(1))

/* Rules 2a, 7 and 8: every second or so. */
inline tick(s) {
    g[s].first = (MODE(s) != OFF && !OF_NEWEST(s));
    g[s].sends = SENDS_UNDER(s);
    if
    :: g[s].sends == NONE ->
        g[s].sends = (g[s].candidate[1] != NONE -> g[s].candidate[1] : g[s].candidate[0])
    :: else
    fi;
    if
    :: g[s].sends != NONE && g[s].sends != STATIC && EPOCH_OF(1, g[s].sends) == FORGED -> g[s].sends = NONE
    :: g[s].sends != NONE && g[s].sends != STATIC && EPOCH_OF(1, g[s].sends) != FORGED -> g[s].sealed = g[s].sealed | BIT(g[s].sends)
    :: else
    fi
}

/* Nothing is lost or overtakes what went the same way; which way is faster is open. */
inline arrive(s) {
    if
    :: g[PEER(s)].first ->
        g[PEER(s)].first = false;
        hear_first(s, g[PEER(s)].newest, g[s].agreed != 0)
    :: else ->
        if
        :: g[PEER(s)].answer ->
            g[PEER(s)].answer = false;
            pair = PAIR(s, g[s].newest, g[PEER(s)].newest);
            hear_answer(s, pair)
        :: else ->
            if
            :: g[PEER(s)].confirm1 != NONE ->
                pair = g[PEER(s)].confirm1;
                g[PEER(s)].confirm1 = NONE;
                hear_sealed(s, pair, false)
            :: else ->
                pair = g[PEER(s)].sends;
                g[PEER(s)].sends = NONE;
                if
                :: pair == STATIC -> hear_static(s)
                :: else -> hear_sealed(s, pair, true)
                fi
            fi
        fi
    fi;
    pair = NONE
}

ltl settled { [] (calm -> <> [] (SILENT -> SETTLED || !COMPATIBLE)) }

init {
    d_step {
        g[0].oldest = 1; g[0].newest = 1; g[0].begins[1] = 1;
        g[1].oldest = 1; g[1].newest = 1; g[1].begins[1] = 1;
        if
        :: RESTARTS -> skip
        :: !RESTARTS -> /* begin with a pair in use */
            g[0].proved = BIT(REAL(1, 1)); g[1].proved = BIT(REAL(1, 1));
            pair = REAL(1, 1); agree(0, pair); agree(1, pair); pair = NONE
        fi
    }
    do
    :: !calm -> chaos(0)
    :: !calm -> chaos(1)
    :: d_step { RESTARTS && !calm -> printf("calm\n"); calm = true; g[0].data = NONE; g[1].data = NONE;
        if
        :: MEDDLING == 0 -> g[0].proved = ALL; g[1].proved = ALL; g[0].sealed = ALL; g[1].sealed = ALL /* no longer looked at: fewer states */
        :: else
        fi }
    :: d_step { calm && COMING(0) -> arrive(0) }
    :: d_step { calm && COMING(1) -> arrive(1) }
    :: meddling && COMING(0) -> d_step { meddling = false; hear_first(0, 1, false) }
    :: meddling && COMING(1) -> d_step { meddling = false; hear_first(1, 1, false) }
    :: THIEF && meddling && COMING(0) -> d_step { meddling = false; hear_first(0, FORGED, false) }
    :: meddling && COMING(0) -> meddling = false; hear_again(0)
    :: meddling && COMING(1) -> meddling = false; hear_again(1)
    :: d_step { calm && SILENT ->
        assert(ticks < TICKS || SETTLED || !COMPATIBLE);
        if
        :: ticks < TICKS -> ticks++
        :: else
        fi;
        meddling = (ticks <= MEDDLING);
        tick(0); tick(1) }
    od
}
