package org.culvert.core.doctor;

import java.util.List;
import java.util.Locale;
import org.culvert.core.doctor.Diagnosis.Severity;
import org.culvert.core.status.Page;

/** The findings for people: what is in order in one line each, what is not with its fix. */
public final class DoctorText {
    private static final int HANGING = 24;

    private DoctorText() {}

    public static String of(List<Diagnosis> found) {
        Page page = new Page();
        for (Diagnosis each : found) {
            String head = "%-8s %-14s ".formatted(mark(each.severity()), each.check());
            page.line(head + each.text(), HANGING);
            if (!each.fix().isEmpty()) {
                page.unbroken(" ".repeat(HANGING) + "fix: " + each.fix());
            }
        }
        return page.gap().line(summary(found), 2).toString();
    }

    private static String mark(Severity severity) {
        String word = severity.name().toLowerCase(Locale.ROOT);
        return severity.compareTo(Severity.WARNING) < 0 ? word : word.toUpperCase(Locale.ROOT);
    }

    private static String summary(List<Diagnosis> found) {
        long errors =
                found.stream().filter(each -> each.severity() == Severity.ERROR).count();
        long warnings = found.stream()
                .filter(each -> each.severity() == Severity.WARNING)
                .count();
        return errors + warnings == 0
                ? "nothing stands in the way"
                : errors
                        + (errors == 1 ? " error, " : " errors, ")
                        + warnings
                        + (warnings == 1 ? " warning" : " warnings");
    }
}
