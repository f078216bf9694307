package org.culvert.core.packet;

/** The Internet checksum as RFC 1071 words it, two bytes at a time over an array: what the fast one must agree with. */
final class SlowChecksum {
    private SlowChecksum() {}

    /** Not complemented. */
    static int sum(byte[] bytes, int from, int to, int initial) {
        int sum = initial;
        for (int i = from; i < to; i += 2) {
            int high = bytes[i] & 0xff;
            int low = i + 1 < to ? bytes[i + 1] & 0xff : 0;
            sum += high << 8 | low;
            if (sum > 0xffff) {
                sum = (sum & 0xffff) + 1;
            }
        }
        return sum;
    }

    /** Of addresses, protocol and length, as a separate header put in front of the transport. */
    static int pseudoHeader(byte[] source, byte[] destination, int protocol, int transportBytes) {
        byte[] header = new byte[source.length + destination.length + 8];
        System.arraycopy(source, 0, header, 0, source.length);
        System.arraycopy(destination, 0, header, source.length, destination.length);
        int rest = source.length + destination.length;
        header[rest + 1] = (byte) (transportBytes >>> 16);
        header[rest + 2] = (byte) (transportBytes >>> 8);
        header[rest + 3] = (byte) transportBytes;
        header[rest + 7] = (byte) protocol;
        return sum(header, 0, header.length, 0);
    }
}
