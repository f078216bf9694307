/**
 * The wire format on one screen: what stands where in a Culvert datagram, how time is counted in it, and why one may be
 * dropped. Static accessors over native addresses; any thread. Depends on nothing but
 * {@link org.culvert.tun.memory.OffHeap}.
 */
@NullMarked
package org.culvert.core.wire;

import org.jspecify.annotations.NullMarked;
