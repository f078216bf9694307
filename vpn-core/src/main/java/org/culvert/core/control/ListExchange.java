package org.culvert.core.control;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.LongUnaryOperator;
import org.culvert.core.crypto.Sha256;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.Peer;
import org.culvert.core.wire.ControlMessage;
import org.culvert.core.wire.ListItems;
import org.culvert.core.wire.ListItems.Digest;
import org.culvert.core.wire.ListItems.Held;
import org.culvert.core.wire.ListItems.Place;
import org.culvert.keymgmt.trust.RevocationList;
import org.jspecify.annotations.Nullable;

/**
 * Revocation lists from peer to peer: says which are enforced here, asks for newer ones, hands out ours. A list that has come whole is only
 * bytes; who it is given to believes the CA's signature and nothing else, so a peer can at most send us a list that its CA made. Control thread.
 */
public final class ListExchange {
    private static final long REPEAT_NS = 300_000_000_000L;
    private static final long FIRST_WAIT_NS = 1_000_000_000L;
    private static final long LONGEST_WAIT_NS = 64_000_000_000L;

    private final Voice voice;
    private final IdentityHashMap<Peer, Known> known = new IdentityHashMap<>();
    private List<Ours> ours = List.of();
    private List<RevocationList> read = List.of();
    private Taker taker = (from, der) -> {};

    /** Leaves a message to a peer. */
    interface Voice {
        /** Leaves one; the items are written by the function. @return false when there is no room now */
        boolean say(Peer peer, LongUnaryOperator items);
    }

    /** Who looks at a list that came. */
    public interface Taker {
        void take(String peer, byte[] der);
    }

    /** A list of ours as it is told. */
    private record Ours(RevocationList list, Held held) {}

    /** A list that a peer enforces; the name is empty where we know no such CA. */
    public record Enforced(String issuer, long number) {}

    ListExchange(Voice voice) {
        this.voice = voice;
    }

    void taker(Taker who) {
        taker = who;
    }

    /** Every second. */
    void tick(List<Member> members, List<RevocationList> lists, long nowNs) {
        boolean news = !lists.equals(read);
        if (news) {
            read = lists;
            ours = lists.stream().flatMap(list -> told(list).stream()).toList();
        }
        known.keySet().retainAll(members.stream().map(Member::peer).toList());
        for (Member member : members) {
            Known of = known.computeIfAbsent(member.peer(), first -> new Known());
            if (news) {
                of.saidNs = 0;
                of.look(ours, nowNs);
            }
            boolean there = member.setup().manner().measure() && member.peer().lastReceivedNs() != 0;
            if (there && !ours.isEmpty() && (of.saidNs == 0 || nowNs - of.saidNs >= REPEAT_NS)) {
                List<Held> held = ours.stream().map(Ours::held).toList();
                of.saidNs = voice.say(member.peer(), at -> ListItems.putHeld(at, held)) ? nowNs : 0;
            }
            ask(member.peer(), of, nowNs);
        }
    }

    private static Optional<Ours> told(RevocationList list) {
        byte[] der = list.der();
        long number = list.number()
                .filter(each -> each.bitLength() < 64)
                .map(each -> each.longValue())
                .orElse(-1L);
        if (number < 0 || der.length > ListItems.LONGEST_BYTES) {
            return Optional.empty();
        }
        long issuer = ByteBuffer.wrap(Sha256.of(list.issuer())).getLong();
        return Optional.of(new Ours(list, new Held(issuer, number, der.length, digest(der))));
    }

    private void ask(Peer peer, Known of, long nowNs) {
        Held wanted = of.wanted;
        if (wanted != null && nowNs - of.dueNs >= 0) {
            Place place = new Place(wanted.digest(), of.have);
            if (voice.say(peer, at -> ListItems.putWanted(at, place))) {
                of.dueNs = nowNs + of.waitNs;
                of.waitNs = Math.min(2 * of.waitNs, LONGEST_WAIT_NS);
            }
        }
    }

    /** Reads what of a message is about lists. */
    void received(Peer peer, long message, ControlRing.Slot slot, long nowNs) {
        Known of = known.computeIfAbsent(peer, first -> new Known());
        long held = ControlMessage.find(message, slot.messageBytes, ListItems.HELD);
        if (held != 0) {
            of.theirs = ListItems.held(held);
            of.look(ours, nowNs);
        }
        long wanted = ControlMessage.find(message, slot.messageBytes, ListItems.WANTED);
        if (wanted != 0) {
            answer(peer, ListItems.place(wanted));
        }
        long part = ControlMessage.find(message, slot.messageBytes, ListItems.PART);
        if (part != 0) {
            take(peer, of, ListItems.place(part), ListItems.piece(part), nowNs);
        }
        ask(peer, of, nowNs);
    }

    private void answer(Peer peer, Place place) {
        for (Ours each : ours) {
            if (each.held.digest().equals(place.digest())
                    && place.offset() >= 0
                    && place.offset() < each.held.bytes()) {
                voice.say(peer, at -> ListItems.putPart(at, place, each.list.der())); // else it is asked for again
                return;
            }
        }
    }

    private void take(Peer peer, Known of, Place place, byte[] piece, long nowNs) {
        Held wanted = of.wanted;
        byte[] buffer = of.buffer;
        if (wanted == null || buffer == null || !place.equals(new Place(wanted.digest(), of.have))) {
            return; // a repeated one, or not ours to take
        }
        if (piece.length == 0 || piece.length > buffer.length - of.have) {
            return;
        }
        System.arraycopy(piece, 0, buffer, of.have, piece.length);
        of.have += piece.length;
        of.dueNs = nowNs;
        of.waitNs = FIRST_WAIT_NS;
        if (of.have == buffer.length) {
            of.tried = wanted.digest();
            of.wanted = null;
            of.buffer = null;
            if (digest(buffer).equals(wanted.digest())) {
                taker.take(peer.name(), buffer);
            }
        }
    }

    /** What a peer says that it enforces. */
    public List<Enforced> enforced(Peer peer) {
        Known of = known.get(peer);
        return of == null
                ? List.of()
                : of.theirs.stream()
                        .map(held -> new Enforced(issuerName(held.issuer()), held.number()))
                        .toList();
    }

    private String issuerName(long issuer) {
        return ours.stream()
                .filter(each -> each.held.issuer() == issuer)
                .map(each -> each.list.issuerName())
                .findFirst()
                .orElse("");
    }

    private static Digest digest(byte[] bytes) {
        ByteBuffer hash = ByteBuffer.wrap(Sha256.of(bytes));
        return new Digest(hash.getLong(), hash.getLong());
    }

    /** Of one peer. */
    private static final class Known {
        List<Held> theirs = new ArrayList<>();
        long saidNs;

        @Nullable
        Held wanted;

        byte @Nullable [] buffer;
        int have;
        long dueNs;
        long waitNs = FIRST_WAIT_NS;

        /** A list that came and was of no use is not asked for again at once: only when the peer has another. */
        @Nullable
        Digest tried;

        /** Whether the peer has a newer list of a CA whose list we have: one at a time. */
        void look(List<Ours> ours, long nowNs) {
            Held best = null;
            for (Held each : theirs) {
                boolean newer = ours.stream()
                        .anyMatch(mine -> mine.held.issuer() == each.issuer() && mine.held.number() < each.number());
                boolean fits = each.bytes() > 0 && each.bytes() <= ListItems.LONGEST_BYTES;
                best = best == null && newer && fits && !each.digest().equals(tried) ? each : best;
            }
            if (best == null) {
                wanted = null;
                buffer = null;
            } else if (!best.equals(wanted)) {
                wanted = best;
                buffer = new byte[best.bytes()];
                have = 0;
                dueNs = nowNs;
                waitNs = FIRST_WAIT_NS;
            }
        }
    }
}
