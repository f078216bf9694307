package org.culvert.tun;

import static org.culvert.tun.MessageHeader.*;

import org.culvert.tun.memory.OffHeap;

/** The {@code struct msghdr} of the receiving thread, reset before and read after each recvmsg. Borrowed memory. */
final class IncomingMessage {
    private final long message;

    /** Lays itself out in {@link MessageHeader#OWN_BYTES} zeroed bytes. */
    IncomingMessage(long memory) {
        this.message = memory;
        OffHeap.putNativeI64(message + NAME, message + OWN_NAME);
        OffHeap.putNativeI64(message + IOVECS, message + OWN_IOVEC);
        OffHeap.putNativeI64(message + IOVEC_COUNT, 1);
        OffHeap.putNativeI64(message + CONTROL, message + OWN_CONTROL);
    }

    long address() {
        return message;
    }

    /** recvmsg overwrites the two lengths with what it used. */
    void prepare(long payload, int capacityBytes) {
        OffHeap.putNativeI64(message + OWN_IOVEC + IOVEC_BASE, payload);
        OffHeap.putNativeI64(message + OWN_IOVEC + IOVEC_LENGTH, capacityBytes);
        OffHeap.putNativeI32(message + NAME_BYTES, SocketAddress.IN6_BYTES);
        OffHeap.putNativeI64(message + CONTROL_BYTES, OWN_CONTROL_BYTES);
    }

    boolean truncated() {
        return (OffHeap.nativeI32(message + FLAGS) & LibC.MSG_TRUNC) != 0;
    }

    void describe(int bytes, Datagrams into) {
        SocketAddress.remote(message + OWN_NAME, into);
        into.segmentBytes = bytes;
        into.localHigh = 0;
        into.localLow = 0;
        into.localInterface = 0;
        into.trafficClass = 0;
        long end = message + OWN_CONTROL + OffHeap.nativeI64(message + CONTROL_BYTES);
        long at = message + OWN_CONTROL;
        while (at + CMSG_DATA <= end) {
            int length = (int) OffHeap.nativeI64(at + CMSG_LENGTH);
            if (length < CMSG_DATA) {
                return; // the kernel never writes one; without this a zero would loop for ever
            }
            describe(at, into);
            at += space(length - CMSG_DATA);
        }
    }

    private static void describe(long header, Datagrams into) {
        int level = OffHeap.nativeI32(header + CMSG_LEVEL);
        int type = OffHeap.nativeI32(header + CMSG_TYPE);
        long data = header + CMSG_DATA;
        if (level == SOL_UDP && type == UDP_GRO) {
            into.segmentBytes = OffHeap.nativeI32(data);
        } else if (level == IPPROTO_IP && type == IP_TOS) {
            into.trafficClass = OffHeap.u8(data); // the one that the kernel gives as a byte
        } else if (level == IPPROTO_IPV6 && type == IPV6_TCLASS) {
            into.trafficClass = OffHeap.nativeI32(data);
        } else if (level == IPPROTO_IP && type == IP_PKTINFO) {
            into.localLow = SocketAddress.mapped(OffHeap.u32(data + PKTINFO_SOURCE));
        } else if (level == IPPROTO_IPV6 && type == IPV6_PKTINFO) {
            into.localHigh = OffHeap.i64(data + PKTINFO6_ADDRESS);
            into.localLow = OffHeap.i64(data + PKTINFO6_ADDRESS + 8);
            // Any other address is reached over whatever interface routing says, which may change with each packet.
            boolean bound = SocketAddress.linkLocal(into.localHigh);
            into.localInterface = bound ? OffHeap.nativeI32(data + PKTINFO6_INTERFACE) : 0;
        }
    }
}
