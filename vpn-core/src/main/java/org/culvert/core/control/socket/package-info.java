/**
 * The control socket: HTTP/1.1 over a UNIX socket, by which commands ask a running daemon (curl --unix-socket works too). The
 * server is Netty's, on one thread of its own that the data path never waits for; what it answers comes from handlers the
 * daemon plugs in. The client is the JDK's, because a command lives for a moment. Whoever may open the socket may ask: its
 * folder and its mode decide that. Depends on Netty (here only), {@code status}, {@code why} and {@code log}.
 */
@NullMarked
package org.culvert.core.control.socket;

import org.jspecify.annotations.NullMarked;
