package org.culvert.core.flow;

import java.util.List;
import org.culvert.core.wire.DataHeader;
import org.culvert.tun.SocketChoice;
import org.culvert.tun.Tun;
import org.culvert.tun.UdpLink;

/**
 * One Outbound, one Inbound and what they work with. A gateway has one lane, or one for each queue of its TUN: the packets of a flow
 * leave by one queue, hence in one lane, and arrive at a socket that is chosen by the lane.
 *
 * @param number 0 to {@link DataHeader#LANES} - 1, sent in every packet
 * @param tun the queue that Outbound reads
 * @param link the socket of both: sending and receiving ports are one
 * @param queues all queues of the TUN, by lane
 */
public record Lane(int number, Tun tun, UdpLink link, List<Tun> queues) {
    public Lane {
        queues = List.copyOf(queues);
    }

    /** Where a datagram says which socket it belongs to: its SPI and, in the upper half of a byte, its lane. */
    public static final SocketChoice SOCKET_CHOICE =
            new SocketChoice(DataHeader.SPI_OFFSET, DataHeader.PACKET_NUMBER_OFFSET);

    /**
     * Which of so many sockets the kernel chooses for a datagram: lanes of one peer go to different ones, and which one has lane 0
     * depends on the SPI, so that many peers of one lane each do not all come to one.
     */
    static int socket(long datagram, int sockets) {
        int lane = DataHeader.lane(DataHeader.packetNumber(datagram));
        return Integer.remainderUnsigned(DataHeader.spi(datagram) + lane, sockets);
    }

    /** The only one. */
    public static Lane only(Tun tun, UdpLink link) {
        return new Lane(0, tun, link, List.of(tun));
    }
}
