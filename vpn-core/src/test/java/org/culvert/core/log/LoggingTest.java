package org.culvert.core.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class LoggingTest {
    @Test
    void isFoundByLogback() {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        assertEquals(StderrAppender.class, root.getAppender("stderr").getClass());
    }

    @Test
    void letsLibrariesOnlyWarn() {
        assertFalse(LoggerFactory.getLogger("io.netty.channel").isInfoEnabled());
        assertTrue(LoggerFactory.getLogger("io.netty.channel").isWarnEnabled());
        assertTrue(LoggerFactory.getLogger("org.culvert.core.control").isInfoEnabled());
        assertFalse(LoggerFactory.getLogger("org.culvert.core.control").isDebugEnabled());
    }

    @Test
    void writesOneLinePerEvent() {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        Logger logger = loggerTo(written);
        logger.warn("peer {} is at {}", "osaka\nforged", "192.0.2.2:1640");
        logger.info("second");
        assertEquals("<4>peer osaka\\nforged is at 192.0.2.2:1640\n<6>second\n", written.toString(UTF_8));
    }

    @Test
    void survivesAStreamThatIsGone() {
        Logger logger = loggerTo(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        });
        logger.error("nobody reads this");
    }

    @Test
    void knowsTheJournalByDeviceAndInode(@TempDir Path folder) throws IOException {
        Path stream = Files.createFile(folder.resolve("stream"));
        Path other = Files.createFile(folder.resolve("other"));
        Map<String, Object> file = Files.readAttributes(stream, "unix:dev,ino");
        String variable = file.get("dev") + ":" + file.get("ino");
        assertTrue(Journal.reads(variable, stream));
        assertFalse(Journal.reads(variable, other), "stderr was redirected");
        assertFalse(Journal.reads(null, stream), "not started by systemd");
        assertFalse(Journal.reads(variable, folder.resolve("none")));
    }

    /** A pipe or a socket behind /proc/self/fd, as systemd connects it, has both numbers too. */
    @Test
    void knowsItsOwnStderr() throws IOException {
        Map<String, Object> file = Files.readAttributes(Journal.STDERR, "unix:dev,ino");
        assertTrue(Journal.reads(file.get("dev") + ":" + file.get("ino"), Journal.STDERR));
    }

    private static Logger loggerTo(OutputStream stream) {
        LoggerContext context = new LoggerContext();
        StderrAppender appender = new StderrAppender(stream, true);
        appender.setContext(context);
        appender.start();
        Logger logger = context.getLogger("test");
        logger.setLevel(Level.INFO);
        logger.addAppender(appender);
        return logger;
    }
}
