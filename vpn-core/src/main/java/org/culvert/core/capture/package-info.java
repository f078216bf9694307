/**
 * Inner packets for {@code tcpdump}: the flow threads copy what passes into rings, and here it becomes pcapng for one reader at a time, who
 * is root. Nothing is copied while nobody reads.
 */
@NullMarked
package org.culvert.core.capture;

import org.jspecify.annotations.NullMarked;
