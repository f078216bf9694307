/**
 * {@code culvert ping}: which hop of the way to a peer or a host answers. {@link org.culvert.core.ping.PingRun} asks, in the daemon;
 * {@link org.culvert.core.ping.PingSummary} counts, in the command; between them go lines of JSON. Knows nothing of the daemon or its flows.
 */
@NullMarked
package org.culvert.core.ping;

import org.jspecify.annotations.NullMarked;
