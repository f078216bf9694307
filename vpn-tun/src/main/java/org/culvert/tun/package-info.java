/**
 * What Culvert asks of Linux: a TUN device, a UDP socket, links and routes, random bytes. The only package that knows
 * JNA. {@link org.culvert.tun.Tun} and {@link org.culvert.tun.UdpLink} are the data path's view and may be faked in
 * tests; everything else is control. Data path calls run on one reading and one writing thread per object, allocate
 * nothing and answer {@code -errno} instead of throwing. Depends on the JDK, JNA and
 * {@link org.culvert.tun.memory}; knows nothing of peers, keys or configuration.
 */
@NullMarked
package org.culvert.tun;

import org.jspecify.annotations.NullMarked;
