package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;

/** What an attack did to everybody else: one line in the test's output. Stateless. */
public final class ThreatReport {
    private ThreatReport() {}

    /** Prints the loss, and fails when nothing came through at all. */
    public static void kept(String attack, Pings legitimate) {
        double lost = 100.0 * (legitimate.sent() - legitimate.received()) / Math.max(1, legitimate.sent());
        System.out.println(String.format(
                Locale.ROOT,
                "threat: %s; legitimate traffic kept flowing: %.1f %% loss (%d of %d pings answered)",
                attack,
                lost,
                legitimate.received(),
                legitimate.sent()));
        assertTrue(legitimate.received() > 0, legitimate.said());
    }
}
