/**
 * What the daemon says while it runs: one line per event on stderr, with journald's priorities where systemd reads it.
 * Whatever a stranger or a peer named stays inside its line. Logback is configured here, in code; classes elsewhere know
 * only slf4j. Any thread but the two of the data path may log. Depends on the JDK, slf4j and logback.
 */
@NullMarked
package org.culvert.core.log;

import org.jspecify.annotations.NullMarked;
