package org.culvert.core.why;

import org.culvert.core.status.Page;

/** The answer for people: the sentence first, then each check. */
public final class WhyText {
    private static final int HANGING = 21;

    private WhyText() {}

    public static String of(Verdict verdict) {
        Page page = new Page().line(verdict.sentence(), 2);
        for (Way way : verdict.ways()) {
            page.gap().line(title(way), 2);
            for (Step step : way.steps()) {
                String mark = step.passes() ? "  ok  " : "  NO  ";
                page.line(
                        mark
                                + step.name()
                                + " "
                                        .repeat(HANGING
                                                - mark.length()
                                                - step.name().length())
                                + step.text(),
                        HANGING);
            }
        }
        return page.toString();
    }

    private static String title(Way way) {
        return way.passage()
                + (way.outbound() ? ", into the tunnel" : ", out of the tunnel")
                + way.peer()
                        .map(peer -> (way.outbound() ? " to " : " from ") + peer)
                        .orElse("");
    }
}
