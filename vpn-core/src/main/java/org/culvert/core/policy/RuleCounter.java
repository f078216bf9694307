package org.culvert.core.policy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What one rule let pass, never going back while the rule stays configured. Every flow thread may add, so adding is atomic, and
 * only where there are rules.
 */
final class RuleCounter {
    private static final VarHandle PACKETS = cell("packets");
    private static final VarHandle ANSWERS = cell("answers");
    private static final VarHandle FLOWS = cell("flows");

    private volatile long packets;
    private volatile long answers;
    private volatile long flows;

    void packet() {
        PACKETS.getAndAdd(this, 1L);
    }

    void answer() {
        ANSWERS.getAndAdd(this, 1L);
    }

    void flow() {
        FLOWS.getAndAdd(this, 1L);
    }

    long packets() {
        return packets;
    }

    long answers() {
        return answers;
    }

    long flows() {
        return flows;
    }

    private static VarHandle cell(String name) {
        try {
            return MethodHandles.lookup().findVarHandle(RuleCounter.class, name, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
