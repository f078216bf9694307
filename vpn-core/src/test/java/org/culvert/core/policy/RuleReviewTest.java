package org.culvert.core.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.culvert.core.policy.RuleReview.Place;
import org.culvert.keymgmt.Prefix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleReviewTest {
    private static final Place OWN = place("tokyo", "head", false, "10.1.0.0/24");
    private static final Place OSAKA = place("osaka", "branch", false, "10.2.0.0/24", "fd00:2::/64");
    private static final Place FACTORY = place("factory", "plant", true, "10.3.0.0/24");

    private static Place place(String name, String group, boolean open, String... networks) {
        return new Place(new Site(name, List.of(group), open), prefixes(networks));
    }

    private static List<Prefix> prefixes(String... networks) {
        return Arrays.stream(networks).map(Prefix::parse).toList();
    }

    private static List<String> list(String text) {
        return text == null ? List.of() : List.of(text.split(" "));
    }

    private static Rule rule(String from, String fromGroups, String to, String toGroups) {
        return new Rule(
                "mail",
                list(from).stream().map(Prefix::parse).toList(),
                list(to).stream().map(Prefix::parse).toList(),
                list(fromGroups),
                list(toGroups),
                List.of(),
                List.of(),
                List.of());
    }

    private static List<RuleReview.Dead> dead(boolean transit, Rule... rules) {
        return new RuleReview(OWN, List.of(OSAKA, FACTORY), transit).dead(List.of(rules));
    }

    @ParameterizedTest
    @CsvSource({
        ", , , ",
        "10.1.0.5/32, , 10.2.0.0/16, ",
        "10.9.0.0/24 10.2.0.0/24, , , ",
        ", branch, , head",
        "10.2.0.0/24, branch, 10.1.0.0/24, head",
        "0.0.0.0/0, , 0.0.0.0/0, ",
    })
    void ruleThatCanMatch(String from, String fromGroups, String to, String toGroups) {
        assertEquals(List.of(), dead(false, rule(from, fromGroups, to, toGroups)));
    }

    @ParameterizedTest
    @CsvSource({
        "10.9.0.0/24, , , , neither this gateway nor a peer has any network of `from`",
        ", , 10.9.0.0/24, , neither this gateway nor a peer has any network of `to`",
        ", barnch, , , no certificate of this gateway or its peers has a group of `from-groups`",
        ", , 10.1.0.0/24, branch, no gateway has both a group of `to-groups` and a network of `to`",
        "10.1.0.5/32, , 10.1.0.6/32, , no packet between its two sides passes this gateway",
        "10.2.0.5/32, , 10.3.0.6/32, , no packet between its two sides passes this gateway",
        "10.1.0.5/32, , fd00:2::/64, , no packet between its two sides passes this gateway",
    })
    void ruleThatCannot(String from, String fromGroups, String to, String toGroups, String cause) {
        Rule rule = rule(from, fromGroups, to, toGroups);
        assertEquals(List.of(new RuleReview.Dead(rule, cause)), dead(false, rule));
    }

    @Test
    void openPeersAskNoRule() {
        Rule rule = rule("10.1.0.0/24", null, "10.3.0.0/24", null);
        assertEquals(
                "its packets are to or from peers with default-policy = \"allow\", where no rule is asked",
                dead(false, rule).getFirst().cause());
    }

    @Test
    void transitLetsPeersTalk() {
        assertEquals(List.of(), dead(true, rule("10.2.0.0/24", null, "10.3.0.0/24", null)));
    }

    @Test
    void ruleBehindAWiderOneNeverMatches() {
        Rule wide = rule("10.1.0.0/24", null, null, null);
        Rule narrow = rule("10.1.0.5/32", null, "10.2.0.0/24", null);
        assertEquals(
                List.of(new RuleReview.Dead(narrow, "rule `mail` above accepts all that this one would")),
                dead(false, wide, narrow));
        assertEquals(List.of(), dead(false, narrow, wide));
    }
}
