/**
 * Was this packet here before? {@link org.culvert.core.replay.PeerReplay} holds the rules of one peer (doc/protocol.md,
 * section "Replay"), {@link org.culvert.core.replay.ReplayWindow} the numbers of one of its senders. Run by the
 * receiving threads; only the floor is raised from elsewhere. Depends on nothing: times come in as numbers.
 */
@NullMarked
package org.culvert.core.replay;

import org.jspecify.annotations.NullMarked;
