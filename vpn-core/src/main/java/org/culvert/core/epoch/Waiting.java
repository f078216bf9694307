package org.culvert.core.epoch;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import org.culvert.core.epoch.Items.Announcement;
import org.culvert.core.epoch.Items.Part;
import org.culvert.core.epoch.Items.Proof;
import org.jspecify.annotations.Nullable;

/**
 * Announcements that wait until their pair may be made, at most one of each kind: the last that came. What may be another's neither takes
 * the place of what is the peer's nor goes before it; so whoever floods us keeps no pair from being made that an agreed one leads to.
 */
final class Waiting {
    private static final int EARLY_PARTS = 4;

    /** In order of precedence, but for the two in the middle, which take turns. */
    private static final int SEALED_ANSWER = 0;

    private static final int SEALED_FIRST = 1;
    private static final int ANSWER = 2;
    private static final int FAVOURED_FIRST = 3;
    private static final int OTHER_FIRST = 4;

    private final @Nullable Pending[] places = new Pending[5];
    private final Map<Trust, Deque<Part>> early = new EnumMap<>(Trust.class); // have overtaken their announcement
    private boolean answerWasLast;

    /** Whether one waits for nothing but time. */
    boolean anyComplete() {
        for (Pending each : places) {
            if (each != null && each.isComplete()) {
                return true;
            }
        }
        return false;
    }

    void clear() {
        Arrays.fill(places, null);
    }

    /**
     * Takes the place of the one of its kind that was there, and what has come already of the same KEM message.
     *
     * @param withKem a KEM message belongs to it
     */
    Pending put(Announcement announcement, @Nullable Proof proof, Line.Route route, Trust trust, boolean withKem) {
        int place = place(proof != null, trust);
        Parts parts = null;
        if (withKem) {
            int tag = proof == null ? announcement.core().kemTag() : proof.kemTag();
            Pending before = places[place];
            parts = before != null && before.parts() != null && before.parts().tag() == tag
                    ? before.parts()
                    : new Parts(tag);
        }
        Pending next = new Pending(announcement, proof, route, trust, parts);
        places[place] = next;
        early.forEach((of, kept) -> kept.removeIf(part -> next.mayHave(of) && next.take(part)));
        return next;
    }

    private static int place(boolean isAnswer, Trust trust) {
        return switch (trust) {
            case SEALED -> isAnswer ? SEALED_ANSWER : SEALED_FIRST;
            case ECHOES -> isAnswer ? ANSWER : FAVOURED_FIRST;
            case NONE -> OTHER_FIRST;
        };
    }

    /** Only from whom the announcement may be: else anybody who has the static key could spoil it. */
    void add(Part part, Trust trust) {
        boolean taken = false;
        for (Pending each : places) {
            taken |= each != null && each.mayHave(trust) && each.take(part);
        }
        if (!taken) {
            Deque<Part> alike = early.computeIfAbsent(trust, of -> new ArrayDeque<>());
            alike.add(part);
            if (alike.size() > EARLY_PARTS) {
                alike.remove();
            }
        }
    }

    /** The one whose turn it is of those that are complete, which then waits no more; null: there is none. */
    @Nullable
    Pending next() {
        int[] order = answerWasLast
                ? new int[] {SEALED_ANSWER, SEALED_FIRST, FAVOURED_FIRST, ANSWER, OTHER_FIRST}
                : new int[] {SEALED_ANSWER, SEALED_FIRST, ANSWER, FAVOURED_FIRST, OTHER_FIRST};
        for (int place : order) {
            Pending each = places[place];
            if (each != null && each.isComplete()) {
                places[place] = null;
                answerWasLast = place == ANSWER;
                return each;
            }
        }
        return null;
    }
}
