package org.culvert.core.epoch;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.culvert.core.epoch.Items.Part;
import org.jspecify.annotations.Nullable;

/** A KEM message that comes in parts, in any order, some twice. One message: parts of another length are none of it. */
final class Parts {
    private final int tag;
    private final BitSet there = new BitSet();
    private byte[] message = new byte[0];

    /** @param tag of the message that is waited for */
    Parts(int tag) {
        this.tag = tag;
    }

    int tag() {
        return tag;
    }

    /** Takes one. @return whether it is one of this message's */
    boolean take(Part part) {
        int end = part.offset() + part.bytes().length;
        if (part.tag() != tag || part.total() > Items.MOST_KEM_BYTES || end > part.total()) {
            return false;
        }
        if (message.length != part.total()) {
            message = new byte[part.total()];
            there.clear();
        }
        System.arraycopy(part.bytes(), 0, message, part.offset(), part.bytes().length);
        there.set(part.offset(), end);
        return true;
    }

    /** Null while some is missing. */
    byte @Nullable [] whole() {
        return message.length > 0 && there.nextClearBit(0) >= message.length ? message : null;
    }

    /** A message cut into parts. */
    static List<Part> of(byte[] message, int echo) {
        List<Part> parts = new ArrayList<>();
        int tag = Core.tag(message);
        for (int at = 0; at < message.length; at += Items.PART_BYTES) {
            int length = Math.min(Items.PART_BYTES, message.length - at);
            byte[] bytes = new byte[length];
            System.arraycopy(message, at, bytes, 0, length);
            parts.add(new Part(tag, echo, at, message.length, bytes));
        }
        return parts;
    }
}
