package org.culvert.core.daemon;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.culvert.core.config.GatewayConfig;
import org.culvert.core.config.Offloads;
import org.culvert.core.flow.Lane;
import org.culvert.tun.LinuxUdpLink;
import org.culvert.tun.SystemCallException;
import org.culvert.tun.UdpOptions;

/** The gateway's UDP port: a socket for each lane, all of one address and port, which move to another one together. Control thread. */
final class UdpPort implements AutoCloseable {
    private final List<MovingLink> links;

    UdpPort(List<LinuxUdpLink> sockets) {
        this.links = sockets.stream().map(MovingLink::new).toList();
    }

    /** Sockets as the configuration wants them, by lane. */
    static List<LinuxUdpLink> bind(GatewayConfig config) throws SystemCallException {
        boolean trains = config.tun().offloads() != Offloads.NONE;
        UdpOptions options = new UdpOptions(trains, trains, UdpOptions.DEFAULT_BUFFER_BYTES);
        return LinuxUdpLink.bindSeveral(config.listen(), options, config.tun().queues(), Lane.SOCKET_CHOICE);
    }

    MovingLink link(int lane) {
        return links.get(lane);
    }

    int number() {
        return links.getFirst().port();
    }

    /** Whether all lanes send trains of datagrams. */
    boolean segmentation() {
        return links.stream().allMatch(MovingLink::segmentation);
    }

    /** {@link MovingLink#moveTo} for every lane. @return the sockets that were left */
    List<LinuxUdpLink> moveTo(List<LinuxUdpLink> next, Consumer<AutoCloseable> retire) {
        List<LinuxUdpLink> left = new ArrayList<>();
        for (int lane = 0; lane < links.size(); lane++) {
            left.add(links.get(lane).moveTo(next.get(lane), retire));
        }
        return left;
    }

    /** The sockets that were left and are still received from. */
    Optional<List<LinuxUdpLink>> left() {
        List<LinuxUdpLink> left =
                links.stream().flatMap(link -> link.left().stream()).toList();
        return left.isEmpty() ? Optional.empty() : Optional.of(left);
    }

    /** Listens no more on sockets that {@link #moveTo} has left. */
    void leave(List<LinuxUdpLink> sockets, Consumer<AutoCloseable> retire) {
        for (int lane = 0; lane < links.size(); lane++) {
            links.get(lane).leave(sockets.get(lane), retire);
        }
    }

    @Override
    public void close() {
        links.forEach(MovingLink::close);
    }
}
