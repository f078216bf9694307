package org.culvert.tun;

import java.net.InetAddress;

/**
 * An address of this machine.
 *
 * @param prefixLength of the network it connects: 0 to 32 or 0 to 128
 */
public record Address(int interfaceIndex, InetAddress address, int prefixLength) {}
