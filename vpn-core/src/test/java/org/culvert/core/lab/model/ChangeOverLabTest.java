package org.culvert.core.lab.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.culvert.core.lab.LabMachine;
import org.culvert.core.lab.Product;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * All that can happen to two gateways while they change from one epoch to the next, within the bounds of the model: two epochs each,
 * every loss, delay, repetition and restart. And, since a model that cannot fail proves nothing, what spin says when one line is wrong.
 */
@Tag("lab")
class ChangeOverLabTest {
    private static final String A_RESTARTS = "-DRESTARTS=1";
    private static final String NOBODY_RESTARTS = "-DRESTARTS=0";
    private static final String NO_THIEF = "-DTHIEF=0";
    private static final Path FOLDER =
            Path.of("target/lab", ChangeOverLabTest.class.getSimpleName()).toAbsolutePath();

    private Spin model;

    @BeforeEach
    void readModel() throws Exception {
        LabMachine.require("spin", "gcc");
        Product.deleteTree(FOLDER);
        model = Spin.of("change-over.pml", FOLDER, Duration.ofSeconds(120));
    }

    /** Whatever the network and a thief of one static key do: a change of epoch loses no packet for want of a key. */
    @Test
    void losesNothing() throws Exception {
        assertEquals("", model.assertions(NOBODY_RESTARTS));
    }

    /** However it came to that: two ticks after the network calms down both sides can send, and can go on. */
    @Test
    void neverWaitsForEver() throws Exception {
        assertEquals("", model.claim(A_RESTARTS, NO_THIEF));
    }

    record Mistake(String name, String line, String instead, String... defines) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Mistake> mistakes() {
        return Stream.of(
                new Mistake(
                        "data goes under a candidate",
                        "(ACCEPTS_STATIC(s) -> STATIC : NONE))",
                        "g[s].candidate[0])",
                        A_RESTARTS),
                new Mistake(
                        "the older pair goes when the newer is agreed",
                        ":: d_step { g[s].newerData && !UNDER_WAY(s) -> erase_older(s) }",
                        ":: d_step { g[s].carrier != NONE -> erase_older(s) }",
                        NOBODY_RESTARTS),
                new Mistake(
                        "an acknowledgement under the static pair counts",
                        "#define STATIC_AGREES 0",
                        "#define STATIC_AGREES 1",
                        A_RESTARTS),
                new Mistake(
                        "DH(Ea, Sb) is left out of the master secret",
                        "#define THIEF_CAN_SEAL 0",
                        "#define THIEF_CAN_SEAL 1",
                        A_RESTARTS),
                new Mistake(
                        "an answer's proof is not compared",
                        "#define PROOF_IS_RIGHT(p) (EPOCH_OF(1, p) != FORGED)",
                        "#define PROOF_IS_RIGHT(p) true",
                        A_RESTARTS),
                new Mistake(
                        "the pair agreed last is the best one",
                        "    choose(s)\n}\n\n/* Rule 2d",
                        "    g[s].carrier = p\n}\n\n/* Rule 2d",
                        NOBODY_RESTARTS),
                new Mistake(
                        "an epoch announced under an agreed pair outdates nothing",
                        ":: epoch != FORGED && favour && OUTDATES(s, epoch) -> g[s].known = epoch",
                        ":: false",
                        NOBODY_RESTARTS),
                new Mistake(
                        "an announcement takes agreed pairs away",
                        "HOLDS(s, p) || MODE(s) == OFF -> skip\n    :: else ->",
                        "HOLDS(s, p) || MODE(s) == OFF -> skip\n    :: else -> g[s].agreed = 0; choose(s);",
                        NOBODY_RESTARTS));
    }

    static Stream<Mistake> moreMistakes() {
        return Stream.of(
                new Mistake(
                        "an outdated announcement makes a pair",
                        "MODE(PEER(s)) != OFF && !OUTDATED(s, epoch) ->",
                        "MODE(PEER(s)) != OFF ->",
                        NOBODY_RESTARTS),
                new Mistake(
                        "a thief's announcements push out those that came under an agreed pair",
                        "HOLDS(s, p) || MODE(s) == OFF -> skip\n    :: else ->",
                        "HOLDS(s, p) || MODE(s) == OFF -> skip\n    :: !HOLDS(s, p) && favour ->"
                                + " g[s].candidate[0] = g[s].candidate[1]; g[s].candidate[1] = p\n    :: !HOLDS(s, p) && !favour ->",
                        NOBODY_RESTARTS),
                new Mistake(
                        "an announcement for a pair we have is not answered",
                        ":: calm && epoch == g[PEER(s)].newest &&",
                        ":: calm && !IS_AGREED(s, PAIR(s, g[s].newest, epoch)) && epoch == g[PEER(s)].newest &&",
                        A_RESTARTS,
                        NO_THIEF),
                new Mistake(
                        "a packet under a forgotten key is answered by nothing",
                        ":: calm && MODE(s) != OFF -> g[s].first = true",
                        ":: false",
                        A_RESTARTS,
                        NO_THIEF),
                new Mistake(
                        "a restarted peer's first incarnation stays the present one",
                        "g[s].present = INCARNATION(PEER(s), EPOCH_OF(PEER(s), p));",
                        "g[s].present = (g[s].present == 0 -> INCARNATION(PEER(s), EPOCH_OF(PEER(s), p)) : g[s].present);",
                        A_RESTARTS,
                        NO_THIEF),
                new Mistake(
                        "an epoch's pairs outlive it",
                        ":: EPOCH_OF(t, i) == epoch -> g[s].agreed = g[s].agreed & ~BIT(i); drop_candidate(s, i)",
                        ":: EPOCH_OF(t, i) == epoch -> drop_candidate(s, i)",
                        NOBODY_RESTARTS),
                new Mistake("pairs outlive a restart", "    g[s].agreed = 0;\n", "", A_RESTARTS, NO_THIEF),
                new Mistake(
                        "a restart forgets that preferred has become required",
                        "    g[s].agreed = 0;\n",
                        "    g[s].agreed = 0; g[s].everAgreed = false;\n",
                        A_RESTARTS,
                        NO_THIEF,
                        "-DMODE_A=PREFERRED",
                        "-DMODE_B=PREFERRED"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void isFound(Mistake mistake) throws Exception {
        assertFound(mistake);
    }

    @Tag("nightly")
    @ParameterizedTest
    @MethodSource("moreMistakes")
    void isFoundToo(Mistake mistake) throws Exception {
        assertFound(mistake);
    }

    private void assertFound(Mistake mistake) throws Exception {
        assertNotEquals("", model.with(mistake.line, mistake.instead).assertions(mistake.defines));
    }

    /** Both restart; a thief announces, too; the attacker goes on for some ticks of the calm. Some minutes and 10 GB of memory. */
    @Tag("nightly")
    @Test
    void neverWaitsForEverWithAThief() throws Exception {
        Spin patient = Spin.of("change-over.pml", FOLDER, Duration.ofMinutes(30));
        assertEquals("", patient.assertions(A_RESTARTS));
        assertEquals("", patient.assertions(NO_THIEF));
        assertEquals("", patient.assertions(A_RESTARTS, NO_THIEF, "-DMEDDLING=1"));
        assertEquals("", patient.assertions(NOBODY_RESTARTS, NO_THIEF, "-DEPOCHS=3")); // two changes in a row
    }

    @Tag("nightly")
    @ParameterizedTest
    @MethodSource("modes")
    void neverWaitsForEverInTheseModes(String a, String b) throws Exception {
        assertEquals("", model.claim(A_RESTARTS, NO_THIEF, "-DMODE_A=" + a, "-DMODE_B=" + b));
    }

    static Stream<Arguments> modes() {
        return Stream.of("OFF", "PREFERRED", "REQUIRED")
                .flatMap(a -> Stream.of("OFF", "PREFERRED", "REQUIRED").map(b -> Arguments.of(a, b)));
    }
}
