package org.culvert.core.status;

import java.time.Duration;
import java.util.Locale;

/** Numbers as a tired person reads them. */
public final class Words {
    private static final String[] BYTE_UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};

    private Words() {}

    /** 1,234,567. */
    public static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** "1 packet", "12,345 packets". */
    public static String count(long count, String one) {
        return count(count) + " " + one + (count == 1 ? "" : "s");
    }

    /** Decimal units, three digits: "999 B", "1.23 MB", "45.6 GB". */
    public static String bytes(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
            value /= 1_000;
            unit++;
        }
        String form = unit == 0 || value >= 99.95 ? "%.0f %s" : value >= 9.995 ? "%.1f %s" : "%.2f %s";
        return String.format(Locale.ROOT, form, value, BYTE_UNITS[unit]);
    }

    /** Decimal units: "1.23 Mbit/s". */
    public static String bits(double perSecond) {
        return bytes((long) perSecond).replaceFirst(" (.?)B$", " $1bit/s");
    }

    /** The two largest units: "3 d 4 h", "4 h 12 min", "12 min 5 s", "5.3 s". */
    public static String duration(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 60) {
            return String.format(Locale.ROOT, seconds < 10 ? "%.1f s" : "%.0f s", duration.toMillis() / 1_000.0);
        }
        if (seconds < 3_600) {
            return two(seconds / 60, "min", seconds % 60, "s");
        }
        if (seconds < 86_400) {
            return two(seconds / 3_600, "h", seconds % 3_600 / 60, "min");
        }
        return two(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h");
    }

    private static String two(long large, String largeUnit, long small, String smallUnit) {
        return large + " " + largeUnit + (small == 0 ? "" : " " + small + " " + smallUnit);
    }
}
