/**
 * The Linux kernel's side of the gateway: TUN device, UDP socket, links and routes. The only place that makes native
 * calls through JNA. Knows nothing of peers, keys or packets' meaning, and neither of the other two modules.
 */
@NullMarked
package org.culvert.tun;

import org.jspecify.annotations.NullMarked;
