package org.culvert.core.log;

import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** How the daemon's log lines are written. */
public enum LogFormat {
    /** For people; where journald reads, without the time it knows itself. */
    TEXT,
    /** One JSON object a line; where journald reads, behind the priority. */
    JSON;

    /** From now on, for the whole process. */
    public void use() {
        if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root
                && root.getAppender(StderrAppender.NAME) instanceof StderrAppender appender) {
            appender.format(this);
        }
    }
}
