/**
 * What a gateway learns about the way to a peer by asking: round-trip time and loss ({@link org.culvert.core.echo.Echoes}), whether the
 * peer is there at all ({@link org.culvert.core.echo.Liveness}), and how long a datagram may be ({@link org.culvert.core.echo.PathMtu}).
 * State machines without clock, thread or socket of their own: each is asked what to do at a given moment. Control thread. Pure; depends
 * on {@code wire}, {@code peer} and HdrHistogram.
 */
@NullMarked
package org.culvert.core.echo;

import org.jspecify.annotations.NullMarked;
