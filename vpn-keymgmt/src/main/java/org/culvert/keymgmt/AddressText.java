package org.culvert.keymgmt;

import org.jspecify.annotations.Nullable;

/**
 * Address literals read strictly and written canonically. Never asks a resolver, and takes none of the old short forms
 * ("10.1" for 10.0.0.1, leading zeros that some programs read as octal): in a certificate they could mean two things.
 */
final class AddressText {
    private AddressText() {}

    /** The 32 bits of a dotted quad; -1 when it is not one. */
    static long parseIpv4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return -1;
        }
        long value = 0;
        for (String part : parts) {
            int octet = number(part, 10, 3);
            if (octet < 0 || octet > 255 || (part.length() > 1 && part.charAt(0) == '0')) {
                return -1;
            }
            value = value << 8 | octet;
        }
        return value;
    }

    /** The 16 bytes as two longs, high first; null when it is not an IPv6 literal (RFC 4291 section 2.2). */
    static long @Nullable [] parseIpv6(String text) {
        int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
            return null;
        }
        int[] head = groups(gap < 0 ? text : text.substring(0, gap), gap < 0);
        int[] tail = gap < 0 ? new int[0] : groups(text.substring(gap + 2), true);
        if (head == null || tail == null) {
            return null;
        }
        int given = head.length + tail.length;
        if (gap < 0 ? given != 8 : given > 7) {
            return null;
        }
        long[] halves = new long[2];
        for (int i = 0; i < head.length; i++) {
            halves[i / 4] |= (long) head[i] << (48 - 16 * (i % 4));
        }
        for (int i = 0; i < tail.length; i++) {
            int at = 8 - tail.length + i;
            halves[at / 4] |= (long) tail[i] << (48 - 16 * (at % 4));
        }
        return halves;
    }

    /** @param last whether these groups end the address, where a dotted quad may stand for two of them */
    private static int @Nullable [] groups(String text, boolean last) {
        if (text.isEmpty()) {
            return new int[0];
        }
        String[] parts = text.split(":", -1);
        String end = parts[parts.length - 1];
        boolean quad = last && end.indexOf('.') >= 0;
        int[] groups = new int[quad ? parts.length + 1 : parts.length];
        for (int i = 0; i < (quad ? parts.length - 1 : parts.length); i++) {
            groups[i] = number(parts[i], 16, 4);
            if (groups[i] < 0) {
                return null;
            }
        }
        if (quad) {
            long value = parseIpv4(end);
            if (value < 0) {
                return null;
            }
            groups[parts.length - 1] = (int) (value >>> 16);
            groups[parts.length] = (int) value & 0xffff;
        }
        return groups;
    }

    /** The number, or -1. Takes ASCII digits only: no sign, no digit of another script. */
    static int number(String text, int radix, int maxDigits) {
        if (text.isEmpty() || text.length() > maxDigits) {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int digit = c < 128 ? Character.digit(c, radix) : -1;
            if (digit < 0) {
                return -1;
            }
            value = value * radix + digit;
        }
        return value;
    }

    static String ipv4(int address) {
        return (address >>> 24) + "." + (address >>> 16 & 255) + "." + (address >>> 8 & 255) + "." + (address & 255);
    }

    /** RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as "::". */
    static String ipv6(long high, long low) {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (int) ((i < 4 ? high : low) >>> (48 - 16 * (i % 4))) & 0xffff;
        }
        int start = -1;
        int length = 1;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - i > length) {
                start = i;
                length = end - i;
            }
        }
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == start) {
                text.append("::");
                i += length - 1;
            } else {
                if (i > 0 && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }
}
