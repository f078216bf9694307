/**
 * IP packets as the TUN device gives and takes them: strict headers, checksums, cutting super-packets into segments and
 * merging segments into super-packets. Works in place on native addresses and allocates nothing per packet; a
 * {@link org.culvert.core.packet.Segmenter} belongs to the thread that reads the TUN, a
 * {@link org.culvert.core.packet.Coalescer} to the one that writes it, everything else is static. No I/O; depends on
 * {@link org.culvert.tun.memory} only.
 *
 * <p>Nothing here believes a length, an offset or a flag that came with a packet: hosts on the LAN choose even those of
 * the virtio_net_hdr when they are virtual machines, and the far gateway passes on what its hosts made up.
 */
@NullMarked
package org.culvert.core.packet;

import org.jspecify.annotations.NullMarked;
