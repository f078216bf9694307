package org.culvert.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ThrowableProxy;
import java.io.IOException;
import java.time.LocalTime;
import org.junit.jupiter.api.Test;

class LogLineTest {
    private static final LocalTime TIME = LocalTime.of(3, 7, 9, 41_987_654);

    @Test
    void showsTimeAndLevelToPeople() {
        assertEquals("03:07:09.041 info  tunnel up", LogLine.forPeople(TIME, Level.INFO, "tunnel up", null));
        assertEquals("03:07:09.041 warn  clock set", LogLine.forPeople(TIME, Level.WARN, "clock set", null));
        assertEquals("03:07:09.041 error no TUN", LogLine.forPeople(TIME, Level.ERROR, "no TUN", null));
    }

    @Test
    void givesJournaldThePriorityOnly() {
        assertEquals("<3>no TUN", LogLine.forJournal(Level.ERROR, "no TUN", null));
        assertEquals("<4>clock set", LogLine.forJournal(Level.WARN, "clock set", null));
        assertEquals("<6>tunnel up", LogLine.forJournal(Level.INFO, "tunnel up", null));
        assertEquals("<7>detail", LogLine.forJournal(Level.DEBUG, "detail", null));
    }

    @Test
    void keepsAHostileNameInsideItsLine() {
        String line = LogLine.forJournal(Level.WARN, "peer osaka\n<0>root logged in\u001b[2J\u202e: refused", null);
        assertEquals("<4>peer osaka\\n<0>root logged in\\u{1b}[2J\\u{202e}: refused", line);
    }

    @Test
    void limitsTheLine() {
        String line = LogLine.forJournal(Level.WARN, "x".repeat(100_000), null);
        assertEquals(3 + LogLine.MESSAGE_CHARS, line.length());
        assertTrue(line.endsWith("x..."));
    }

    @Test
    void writesAnExceptionWithItsCauseOnOneLine() {
        Exception thrown = new IllegalStateException("lane 3\nis gone", new IOException("disk full"));
        String line = LogLine.forPeople(TIME, Level.ERROR, "control thread", new ThrowableProxy(thrown));
        assertFalse(line.contains("\n"));
        assertTrue(
                line.startsWith(
                        "03:07:09.041 error control thread: java.lang.IllegalStateException: lane 3\\nis gone"
                                + " at org.culvert.core.log.LogLineTest.writesAnExceptionWithItsCauseOnOneLine(LogLineTest.java:"));
    }

    @Test
    void namesTheCauseBehindTheException() {
        Exception thrown = new IllegalStateException("outer", new IOException("disk full"));
        thrown.setStackTrace(new StackTraceElement[] {new StackTraceElement("A", "b", "A.java", 17)});
        String line = LogLine.forJournal(Level.ERROR, "failed", new ThrowableProxy(thrown));
        assertTrue(line.startsWith("<3>failed: java.lang.IllegalStateException: outer at A.b(A.java:17)"
                + " caused by java.io.IOException: disk full at "));
    }

    @Test
    void limitsAnException() {
        Exception thrown = new IllegalStateException("y".repeat(50_000));
        String line = LogLine.forJournal(Level.ERROR, "failed", new ThrowableProxy(thrown));
        assertEquals("<3>failed: ".length() + LogLine.THROWABLE_CHARS, line.length());
    }
}
