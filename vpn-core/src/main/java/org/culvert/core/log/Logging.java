package org.culvert.core.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.io.FileDescriptor;
import java.io.FileOutputStream;

/**
 * How logging is set up, found by logback through {@code META-INF/services} when the first logger is asked for. Code and
 * not XML: nothing to search for, nothing to parse, no file an attacker could place on the class path.
 */
public final class Logging extends ContextAwareBase implements Configurator {
    /** Ours speak from "info" on; libraries (Netty above all) only when something is wrong. */
    private static final String OURS = "org.culvert";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        StderrAppender appender = new StderrAppender(
                new FileOutputStream(FileDescriptor.err),
                Journal.reads(System.getenv("JOURNAL_STREAM"), Journal.STDERR));
        appender.setContext(context);
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(appender);
        context.getLogger(OURS).setLevel(Level.INFO);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
