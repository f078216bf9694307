package org.culvert.tun;

/**
 * How the kernel chooses among several sockets of one port: by the sum of a 32-bit word and the upper four bits of a byte of the
 * datagram, modulo the number of sockets. A datagram too short for both goes to the first.
 *
 * <p>The kernel may put datagrams together before it chooses (UDP_GRO); then the first of them decides for all.
 *
 * @param wordOffset of the word, big endian, from the start of the UDP payload
 * @param byteOffset of the byte
 */
public record SocketChoice(int wordOffset, int byteOffset) {}
