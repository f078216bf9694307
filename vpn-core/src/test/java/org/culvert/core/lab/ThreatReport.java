package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;

/** What an attack did to everybody else, who pinged meanwhile: one line in the test's output. Stateless. */
public final class ThreatReport {
    private static final int UNLUCKY = 2;

    private ThreatReport() {}

    /** An attack that takes no share of anything: not a ping is lost by it, and one or two by whatever else the machine does. */
    public static void unharmed(String attack, Pings others) {
        print(attack, others);
        assertTrue(others.sent() > 0 && others.sent() - others.received() <= UNLUCKY, others.said());
    }

    /** A flood that takes its share: at least half came through. */
    public static void kept(String attack, Pings others) {
        print(attack, others);
        assertTrue(others.sent() > 0 && 2 * others.received() >= others.sent(), others.said());
    }

    /** A flood that is carried, because who sends it may: something came through. */
    public static void alive(String attack, Pings others) {
        print(attack, others);
        assertTrue(others.received() > 0, others.said());
    }

    private static void print(String attack, Pings others) {
        double lost = 100.0 * (others.sent() - others.received()) / Math.max(1, others.sent());
        System.out.println(String.format(
                Locale.ROOT,
                "threat: %s; legitimate traffic kept flowing: %.1f %% loss (%d of %d pings answered)",
                attack,
                lost,
                others.received(),
                others.sent()));
    }
}
