package org.culvert.core.policy;

import org.culvert.core.packet.FiveTuple;
import org.jspecify.annotations.Nullable;

/**
 * Asks the policy about packets of one direction. One flow thread has one; the flows behind it are everybody's. A packet passes
 *
 * <ol>
 *   <li>when its peer is open,
 *   <li>when a rule accepts it: then its flow is remembered,
 *   <li>when it answers a flow that was let pass the other way; never by opening a TCP connection of its own,
 *   <li>when it is a later fragment of a packet whose first fragment passed,
 *   <li>when it is an ICMP error about a packet of a flow that was let pass.
 * </ol>
 *
 * Everything else is dropped, also what cannot be read. Allocates nothing.
 */
public final class PolicyCheck {
    private static final long NS_PER_S = 1_000_000_000L;

    private final Direction direction;
    private final FiveTuple tuple = new FiveTuple();
    private final FiveTuple quoted = new FiveTuple();

    /** Of this batch. */
    private @Nullable Policy policy;

    private int nowS;

    public PolicyCheck(Direction direction) {
        this.direction = direction;
    }

    /**
     * Before the packets of a batch.
     *
     * @param nowNs monotonic
     */
    public void begin(@Nullable Policy policy, long nowNs) {
        this.policy = policy;
        nowS = seconds(nowNs);
    }

    static int seconds(long nowNs) {
        return (int) Math.floorDiv(nowNs, NS_PER_S);
    }

    /**
     * Whether a packet may pass.
     *
     * @param packet with at least a fixed IP header there, of {@code version}
     * @param from number of the gateway that speaks for its source, as routes give it
     * @param to the same for its destination
     */
    public boolean permits(long packet, int bytes, int version, int from, int to) {
        Policy asked = policy;
        if (asked == null || asked.isOpen(direction == Direction.OUTBOUND ? to : from)) {
            return true;
        }
        if (!tuple.read(packet, bytes, version)) {
            return false;
        }
        if (tuple.isLaterFragment()) {
            return isAllowedFragment(asked, from, to);
        }
        boolean permitted = isAllowed(asked, from, to) || isAnswer(asked) || isErrorOfFlow(asked);
        if (permitted && tuple.isFirstFragment()) {
            remember(asked.flows().fragmentTag(tuple), FlowNote.fragments(nowS), asked);
        }
        return permitted;
    }

    private boolean isAllowedFragment(Policy asked, int from, int to) {
        int rule = asked.match(tuple, from, to);
        if (rule != RuleSet.NONE) {
            asked.counter(rule).packet();
            return true;
        }
        long tag = asked.flows().fragmentTag(tuple);
        return asked.flows().asked(direction).find(tag, nowS) != FlowTable.NONE;
    }

    private boolean isAllowed(Policy asked, int from, int to) {
        int rule = asked.match(tuple, from, to);
        if (rule == RuleSet.NONE) {
            return false;
        }
        asked.counter(rule).packet();
        if (tuple.mayAsk()) {
            long tag = asked.flows().tag(tuple);
            long note = asked.flows().asked(direction).find(tag, nowS);
            if (note == FlowTable.NONE) {
                asked.counter(rule).flow();
            }
            int state = note == FlowTable.NONE ? FlowNote.ASKED : FlowNote.state(note);
            remember(tag, FlowNote.asked(tuple, state, asked.id(rule), nowS), asked);
        }
        return true;
    }

    private void remember(long tag, long note, Policy asked) {
        FlowTable table = asked.flows().asked(direction);
        if (!table.note(tag, nowS, note)) {
            table.add(tag, nowS, note);
        }
    }

    private boolean isAnswer(Policy asked) {
        if (!tuple.mayAnswer()) {
            return false;
        }
        FlowTable table = asked.flows().asked(direction.other());
        long tag = asked.flows().reverseTag(tuple);
        long note = table.find(tag, nowS);
        if (!isOfConfiguredRule(asked, note)) {
            return false;
        }
        table.note(tag, nowS, FlowNote.answered(tuple, note, nowS));
        return true;
    }

    /** The packet complained of went the other way: as a question asked over there, or as an answer to one asked here. */
    private boolean isErrorOfFlow(Policy asked) {
        if (!quoted.readQuoted(tuple)) {
            return false;
        }
        Flows flows = asked.flows();
        return isOfConfiguredRule(asked, flows.asked(direction.other()).find(flows.tag(quoted), nowS))
                || isOfConfiguredRule(asked, flows.asked(direction).find(flows.reverseTag(quoted), nowS));
    }

    private static boolean isOfConfiguredRule(Policy asked, long note) {
        int rule = note == FlowTable.NONE ? RuleSet.NONE : asked.ruleOf(FlowNote.rule(note));
        if (rule == RuleSet.NONE) {
            return false;
        }
        asked.counter(rule).answer();
        return true;
    }
}
