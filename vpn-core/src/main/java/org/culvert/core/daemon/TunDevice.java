package org.culvert.core.daemon;

import java.io.IOException;
import org.culvert.core.config.Offloads;
import org.culvert.core.config.TunConfig;
import org.culvert.tun.Errno;
import org.culvert.tun.Link;
import org.culvert.tun.LinuxTun;
import org.culvert.tun.Netlink;
import org.culvert.tun.SystemCallException;
import org.culvert.tun.TunOptions;

/** The TUN as one of the kernel's interfaces: what is asked for when it is opened, and what is set afterwards. Stateless. */
final class TunDevice {
    private TunDevice() {}

    /** Its first queue; the rest are opened through that one. */
    static LinuxTun open(TunConfig config) throws IOException {
        try {
            return LinuxTun.open(options(config));
        } catch (SystemCallException e) {
            if (e.errno() == Errno.EINVAL && config.persistent()) {
                throw new IOException(
                        e.getMessage()
                                + "; after a change of `queues` it is made anew by `culvert down` and `culvert up`",
                        e);
            }
            throw e;
        }
    }

    private static TunOptions options(TunConfig config) {
        boolean superPackets = config.offloads() != Offloads.NONE;
        boolean udpSuperPackets = config.offloads() == Offloads.AUTO;
        return new TunOptions(
                config.name(), superPackets, superPackets, udpSuperPackets, config.queues() > 1, config.persistent());
    }

    /**
     * Sets MTU and state, where they are not as wanted.
     *
     * @param mayChange false: the interface has to be up already, and keeps its MTU
     * @return the MTU it has, in bytes
     */
    static int bringUp(Netlink netlink, String name, int mtuBytes, boolean mayChange) throws IOException {
        Link link =
                netlink.link(name).orElseThrow(() -> new IOException(name + ": the interface was deleted meanwhile"));
        if (!mayChange) {
            if (!link.up()) {
                throw new IOException(name + ": is down, and without CAP_NET_ADMIN it cannot be set up;"
                        + " run `culvert up` as root with this configuration");
            }
            return link.mtuBytes();
        }
        if (link.mtuBytes() != mtuBytes) {
            netlink.setMtu(link.index(), mtuBytes);
        }
        if (!link.up()) {
            netlink.setAddressGenerationNone(link.index());
            netlink.setLinkUp(link.index());
        }
        return mtuBytes;
    }
}
