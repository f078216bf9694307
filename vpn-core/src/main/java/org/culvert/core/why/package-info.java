/**
 * Why a packet passes or does not: the checks of a packet's way, asked one after the other of what the gateway knows at this moment,
 * without sending anything. Pure: what the daemon and the kernel know comes in through {@link org.culvert.core.why.Surroundings}.
 * Control thread.
 */
@NullMarked
package org.culvert.core.why;

import org.jspecify.annotations.NullMarked;
