/**
 * The data path: {@link org.culvert.core.flow.Outbound} from TUN to UDP and {@link org.culvert.core.flow.Inbound} from UDP to
 * TUN, one thread each, run to completion, no queue between them. Each file reads from top to bottom as a packet travels; what it
 * calls lies in the pure packages below. Both only read the {@link org.culvert.core.peer.Snapshot} that the control thread
 * publishes in {@link org.culvert.core.flow.Published}; neither knows the control thread, the configuration or the daemon.
 *
 * <p>Nothing here allocates, locks, logs or throws for what a peer can send.
 */
@NullMarked
package org.culvert.core.flow;

import org.jspecify.annotations.NullMarked;
