package org.culvert.core.epoch;

import org.culvert.core.epoch.Items.Announcement;
import org.culvert.core.epoch.Items.Part;
import org.culvert.core.epoch.Items.Proof;
import org.jspecify.annotations.Nullable;

/**
 * An announcement that waits for its pair to be made: for the second to be over, or for the rest of a KEM message.
 *
 * @param proof of an answer, null in a first
 * @param parts of the KEM message that belongs to it; null: none does
 */
record Pending(
        Announcement announcement,
        @Nullable Proof proof,
        Line.Route route,
        Trust trust,
        @Nullable Parts parts) {

    boolean isComplete() {
        return parts == null || parts.whole() != null;
    }

    /** Whether a part may be of it: who may be behind the one may be behind the other. */
    boolean mayHave(Trust ofPart) {
        return ofPart.compareTo(trust) >= 0;
    }

    boolean take(Part part) {
        return parts != null && parts.take(part);
    }
}
