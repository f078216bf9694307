package org.culvert.tun;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/** Addresses as people write them: dotted IPv4, RFC 5952 IPv6. Java prints {@code 2001:db8:0:0:0:0:0:1}. Stateless. */
final class AddressText {
    private AddressText() {}

    static String of(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return address instanceof Inet4Address ? ipv4(bytes.getInt()) : ipv6(bytes.getLong(), bytes.getLong());
    }

    static String ipv4(int address) {
        return (address >>> 24) + "." + (address >>> 16 & 0xff) + "." + (address >>> 8 & 0xff) + "." + (address & 0xff);
    }

    /** RFC 5952 section 4: lower case, no leading zeros, the longest run of two or more zero groups is {@code ::}. */
    static String ipv6(long high, long low) {
        int start = -1;
        int length = 1;
        for (int i = 0; i < 8; i++) {
            int run = zeroGroups(high, low, i);
            if (run > length) {
                start = i;
                length = run;
            }
        }
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == start) {
                text.append("::");
                i += length - 1;
                continue;
            }
            if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(Integer.toHexString(group(high, low, i)));
        }
        return text.toString();
    }

    private static int zeroGroups(long high, long low, int from) {
        int i = from;
        while (i < 8 && group(high, low, i) == 0) {
            i++;
        }
        return i - from;
    }

    private static int group(long high, long low, int index) {
        long half = index < 4 ? high : low;
        return (int) (half >>> (48 - 16 * (index & 3))) & 0xffff;
    }
}
