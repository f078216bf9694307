package org.culvert.core.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.culvert.core.packet.FiveTuple;
import org.jspecify.annotations.Nullable;

/**
 * All rules of a gateway, ready to be asked. Made by the control thread with every snapshot; immutable but for the counters and flows,
 * which it takes over from the policy before it. A gateway's number is its peer number; any other number means this gateway itself.
 */
public final class Policy {
    private final RuleSet rules;
    private final List<Site> peers;
    private final Site own;
    private final Flows flows;

    /** Of rule i. Flows remember the number of the rule that opened them, which no other rule of this run ever has. */
    private final int[] ids;

    private final RuleCounter[] counters;

    /** Ids in rising order, and whose they are. */
    private final int[] sortedIds;

    private final int[] ruleOfSortedId;
    private final int nextId;

    /** Of each peer, and of this gateway at the end. */
    private final long[][] fromGroups;

    private final long[][] toGroups;
    private final boolean[] open;

    /**
     * The policy of a configuration.
     *
     * @param rules in the order of the file: the first that accepts a packet is the one that counts it
     * @param peers by peer number
     * @param flows for the first policy of a run; later ones keep the first one's
     * @param previous what is in force, or null
     * @return null when everything may pass, so that nothing need be asked
     */
    public static @Nullable Policy of(
            List<Rule> rules, Site own, List<Site> peers, Flows flows, @Nullable Policy previous) {
        if (rules.isEmpty() && peers.stream().allMatch(Site::open)) {
            return null;
        }
        return new Policy(rules, own, peers, flows, previous);
    }

    private Policy(List<Rule> rules, Site own, List<Site> peers, Flows flows, @Nullable Policy previous) {
        this.rules = previous != null && previous.rules.rules().equals(rules) ? previous.rules : new RuleSet(rules);
        this.own = own;
        this.peers = List.copyOf(peers);
        this.flows = previous == null ? flows : previous.flows;
        ids = new int[rules.size()];
        counters = new RuleCounter[rules.size()];
        nextId = number(previous);
        int[] order = IntStream.range(0, ids.length)
                .boxed()
                .sorted((a, b) -> Integer.compare(ids[a], ids[b]))
                .mapToInt(Integer::intValue)
                .toArray();
        ruleOfSortedId = order;
        sortedIds = Arrays.stream(order).map(rule -> ids[rule]).toArray();
        List<Site> all = new ArrayList<>(peers);
        all.add(own);
        fromGroups = all.stream()
                .map(site -> this.rules.forGroups(Rule::fromGroups, site.groups()))
                .toArray(long[][]::new);
        toGroups = all.stream()
                .map(site -> this.rules.forGroups(Rule::toGroups, site.groups()))
                .toArray(long[][]::new);
        open = new boolean[peers.size()];
        for (int i = 0; i < open.length; i++) {
            open[i] = peers.get(i).open();
        }
    }

    /**
     * A rule that was there before keeps its counter, and its id, so that the flows it let pass go on. A rule about groups gets a new id
     * when any certificate's groups changed: then its flows have to be asked for again.
     */
    private int number(@Nullable Policy previous) {
        int next = previous == null ? 1 : previous.nextId;
        boolean sameGroups = previous != null && previous.groupsStillAre(own, peers);
        for (int i = 0; i < ids.length; i++) {
            Rule rule = rules.rules().get(i);
            int before =
                    previous == null ? RuleSet.NONE : previous.rules.rules().indexOf(rule);
            if (previous == null || before == RuleSet.NONE) {
                ids[i] = next++;
                counters[i] = new RuleCounter();
                continue;
            }
            counters[i] = previous.counters[before];
            boolean asksForGroups =
                    !rule.fromGroups().isEmpty() || !rule.toGroups().isEmpty();
            ids[i] = asksForGroups && !sameGroups ? next++ : previous.ids[before];
        }
        return next;
    }

    private boolean groupsStillAre(Site ownNow, List<Site> peersNow) {
        return own.groups().equals(ownNow.groups())
                && peers.stream()
                        .allMatch(before -> peersNow.stream()
                                .filter(now -> now.name().equals(before.name()))
                                .allMatch(now -> now.groups().equals(before.groups())));
    }

    /** Whether all passes to and from a peer. */
    boolean isOpen(int peer) {
        return peer >= 0 && peer < open.length && open[peer];
    }

    /** The first rule that accepts a packet from one gateway's networks to another's, or {@link RuleSet#NONE}. */
    int match(FiveTuple tuple, int from, int to) {
        return rules.match(tuple, fromGroups[site(from)], toGroups[site(to)]);
    }

    private int site(int number) {
        return number >= 0 && number < peers.size() ? number : peers.size();
    }

    Flows flows() {
        return flows;
    }

    int id(int rule) {
        return ids[rule];
    }

    RuleCounter counter(int rule) {
        return counters[rule];
    }

    /** The rule a flow was opened under, or {@link RuleSet#NONE} when it is no longer configured. */
    int ruleOf(int id) {
        int found = Arrays.binarySearch(sortedIds, id);
        return found < 0 ? RuleSet.NONE : ruleOfSortedId[found];
    }

    /**
     * What would be said of a packet that nobody has asked for, without counting it or remembering anything. Any thread.
     *
     * @param from number of the gateway that speaks for the source
     * @param to the same for the destination
     * @param peer the one of the two that the packet comes from or goes to
     */
    public Verdict verdict(FiveTuple tuple, int from, int to, int peer) {
        if (isOpen(peer)) {
            return new Verdict(true, Optional.empty());
        }
        int rule = match(tuple, from, to);
        return rule == RuleSet.NONE
                ? new Verdict(false, Optional.empty())
                : new Verdict(true, Optional.of(rules.rules().get(rule).name()));
    }

    /** Counters as of now. Reads both flow tables whole: for a status, not for a packet. */
    public PolicyCounts counts(long nowNs) {
        int nowS = PolicyCheck.seconds(nowNs);
        List<PolicyCounts.OfRule> ofRules = new ArrayList<>();
        for (int i = 0; i < counters.length; i++) {
            ofRules.add(new PolicyCounts.OfRule(
                    rules.rules().get(i).name(), counters[i].packets(), counters[i].answers(), counters[i].flows()));
        }
        FlowTable out = flows.asked(Direction.OUTBOUND);
        FlowTable in = flows.asked(Direction.INBOUND);
        return new PolicyCounts(
                ofRules,
                peers.stream().filter(Site::open).map(Site::name).toList(),
                out.living(nowS) + in.living(nowS),
                out.slots() + in.slots(),
                out.evicted() + in.evicted());
    }
}
