package org.culvert.core.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import java.time.LocalTime;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Writes one event as one line: {@code 14:03:07.512 warn   peer osaka: ...} for people, {@code <4>peer osaka: ...} for
 * journald, which knows the time itself and reads the priority (sd-daemon(3)). Stateless.
 */
final class LogLine {
    /** Longer lines than any of ours; journald splits at 48 KiB, and a hostile name gets no more than this. */
    static final int MESSAGE_CHARS = 1_000;
    /** An exception is our own bug: more room, still one line. */
    static final int THROWABLE_CHARS = 4_000;

    private LogLine() {}

    static String forJournal(Level level, String message, @Nullable IThrowableProxy thrown) {
        return priorityMark(level) + text(message, thrown);
    }

    static String forPeople(LocalTime time, Level level, String message, @Nullable IThrowableProxy thrown) {
        StringBuilder line = new StringBuilder(message.length() + 24);
        digits(line, time.getHour(), 2).append(':');
        digits(line, time.getMinute(), 2).append(':');
        digits(line, time.getSecond(), 2).append('.');
        digits(line, time.getNano() / 1_000_000, 3).append(' ');
        String word = level.toString().toLowerCase(Locale.ROOT);
        line.append(word).repeat(' ', Math.max(0, 5 - word.length())).append(' ');
        return line.append(text(message, thrown)).toString();
    }

    /** What journald takes off the line again and keeps as its priority. */
    static String priorityMark(Level level) {
        return "<" + priority(level) + ">";
    }

    /** Priorities of syslog(3). */
    static int priority(Level level) {
        return switch (level.toInt()) {
            case Level.ERROR_INT -> 3;
            case Level.WARN_INT -> 4;
            case Level.INFO_INT -> 6;
            default -> 7;
        };
    }

    private static String text(String message, @Nullable IThrowableProxy thrown) {
        String said = OneLine.of(message, MESSAGE_CHARS);
        return thrown == null ? said : said + ": " + OneLine.of(chain(thrown), THROWABLE_CHARS);
    }

    /** Exception, where it happened, and what caused it, each with the frames that lead there. */
    static String chain(IThrowableProxy thrown) {
        StringBuilder text = new StringBuilder(THROWABLE_CHARS);
        String between = "";
        for (IThrowableProxy t = thrown; t != null && text.length() < THROWABLE_CHARS; t = t.getCause()) {
            text.append(between).append(t.getClassName());
            if (t.getMessage() != null) {
                text.append(": ").append(t.getMessage());
            }
            for (StackTraceElementProxy frame : t.getStackTraceElementProxyArray()) {
                text.append(' ').append(frame.getSTEAsString());
            }
            between = " caused by ";
        }
        return text.toString();
    }

    private static StringBuilder digits(StringBuilder line, int value, int width) {
        String text = Integer.toString(value);
        return line.repeat('0', width - text.length()).append(text);
    }
}
