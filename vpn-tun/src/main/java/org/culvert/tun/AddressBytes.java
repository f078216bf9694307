package org.culvert.tun;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.culvert.tun.memory.OffHeap;

/** Addresses as the kernel keeps them: 4 or 16 bytes in wire order. Stateless; control paths only, it allocates. */
final class AddressBytes {
    private AddressBytes() {}

    static int length(boolean ipv4) {
        return ipv4 ? 4 : 16;
    }

    static InetAddress any(boolean ipv4) {
        return of(new byte[length(ipv4)]);
    }

    static InetAddress read(long at, int bytes) {
        byte[] value = new byte[bytes];
        OffHeap.copy(at, value, 0, bytes);
        return of(value);
    }

    private static InetAddress of(byte[] value) {
        try {
            return InetAddress.getByAddress(value);
        } catch (UnknownHostException impossible) {
            throw new AssertionError("4 or 16 bytes are an address", impossible);
        }
    }
}
