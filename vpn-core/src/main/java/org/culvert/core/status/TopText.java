package org.culvert.core.status;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.culvert.core.log.OneLine;

/** Two statuses, one a moment after the other, as a table of rates: the busiest peers first, cut to the screen. */
public final class TopText {
    private static final String ROW = "%-20s %-5s %11s %11s %9s %9s %8s %9s %7s";
    private static final int NAME_CHARS = 20;
    private static final int HEAD_LINES = 4;

    private TopText() {}

    private record Row(
            String name,
            boolean up,
            double out,
            double in,
            double packetsOut,
            double packetsIn,
            double drops,
            String rtt,
            String age) {}

    /**
     * The lines to show.
     *
     * @param before the first time the same as {@code now}
     * @param seconds between the two
     * @param lines at most
     */
    public static List<String> of(StatusTree before, StatusTree now, double seconds, int lines) {
        List<Row> rows = new ArrayList<>();
        for (StatusTree peer : now.children("peers")) {
            rows.add(row(peer, named(before, peer.text("name")).orElse(peer), seconds));
        }
        rows.sort(Comparator.comparingDouble((Row row) -> row.out() + row.in())
                .reversed()
                .thenComparing(Row::name));
        List<String> text = new ArrayList<>();
        long up = rows.stream().filter(Row::up).count();
        text.add(OneLine.of(now.child("gateway").text("name")) + ": " + up + " of " + rows.size() + " peers up, "
                + OneLine.of(now.text("at")));
        text.add("out " + bits(rows.stream().mapToDouble(Row::out).sum()) + ", in "
                + bits(rows.stream().mapToDouble(Row::in).sum()) + "; dropped of nobody "
                + rate(perSecond(total(now.child("drops")), total(before.child("drops")), seconds)) + "/s");
        text.add("");
        text.add(String.format(
                Locale.ROOT, ROW, "PEER", "STATE", "OUT", "IN", "OUT pkt/s", "IN pkt/s", "DROP/s", "RTT", "LAST"));
        int room = Math.max(1, lines - HEAD_LINES);
        boolean cut = rows.size() > room;
        rows.stream().limit(cut ? room - 1 : room).map(TopText::line).forEach(text::add);
        if (cut) {
            text.add("... and " + (rows.size() - room + 1) + " more");
        }
        return text;
    }

    private static Row row(StatusTree now, StatusTree before, double seconds) {
        StatusTree sent = now.child("sent");
        StatusTree received = now.child("received");
        return new Row(
                OneLine.of(now.text("name"), NAME_CHARS),
                now.text("state").equals("up"),
                8 * perSecond(sent.number("inner_bytes"), before.child("sent").number("inner_bytes"), seconds),
                8
                        * perSecond(
                                received.number("inner_bytes"),
                                before.child("received").number("inner_bytes"),
                                seconds),
                perSecond(sent.number("packets"), before.child("sent").number("packets"), seconds),
                perSecond(received.number("packets"), before.child("received").number("packets"), seconds),
                perSecond(total(now.child("drops")), total(before.child("drops")), seconds),
                now.child("way")
                        .decimal("rtt_last_us")
                        .map(us -> String.format(Locale.ROOT, "%.2f ms", us / 1_000))
                        .orElse("-"),
                now.decimal("last_received_seconds")
                        .map(age -> String.format(Locale.ROOT, age < 100 ? "%.1f s" : "%.0f s", age))
                        .orElse("never"));
    }

    private static String line(Row row) {
        return String.format(
                Locale.ROOT,
                ROW,
                row.name(),
                row.up() ? "up" : "DOWN",
                bits(row.out()),
                bits(row.in()),
                rate(row.packetsOut()),
                rate(row.packetsIn()),
                rate(row.drops()),
                row.rtt(),
                row.age());
    }

    private static Optional<StatusTree> named(StatusTree status, String name) {
        return status.children("peers").stream()
                .filter(peer -> peer.text("name").equals(name))
                .findFirst();
    }

    private static long total(StatusTree drops) {
        return drops.names().stream().mapToLong(drops::number).sum();
    }

    /** A daemon that was restarted begins at zero: no negative rates. */
    private static double perSecond(long now, long before, double seconds) {
        return seconds <= 0 ? 0 : Math.max(0, now - before) / seconds;
    }

    private static String bits(double perSecond) {
        return Words.bits(perSecond).replace("bit/s", "b/s");
    }

    private static String rate(double perSecond) {
        return String.format(Locale.ROOT, perSecond > 0 && perSecond < 10 ? "%.1f" : "%,.0f", perSecond);
    }
}
