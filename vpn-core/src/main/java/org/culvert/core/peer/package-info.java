/**
 * What the data path knows of the other gateways: {@link org.culvert.core.peer.Peer} (endpoint, replay state, counters: each
 * field has one writing thread) and {@link org.culvert.core.peer.Snapshot} (routes and keys: immutable, published by the
 * control thread, read by both flow threads). Pure: no I/O, no JNA, and of the other modules only off-heap accessors, the value
 * {@code Endpoint} and {@code Prefix}.
 */
@NullMarked
package org.culvert.core.peer;

import org.jspecify.annotations.NullMarked;
