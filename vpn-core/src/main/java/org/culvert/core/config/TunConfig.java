package org.culvert.core.config;

import java.util.OptionalInt;

/**
 * The TUN device.
 *
 * @param name interface name, at most 15 characters
 * @param mtuBytes empty: what the path to the peers leaves
 * @param persistent the device and its routes outlive the daemon
 * @param offloads of the device and of the UDP socket
 * @param queues of the device, 1 to 16: as many lanes, each with two threads and a UDP socket
 */
public record TunConfig(
        String name, OptionalInt mtuBytes, boolean persistent, Offloads offloads, int queues, Lines lines) {}
