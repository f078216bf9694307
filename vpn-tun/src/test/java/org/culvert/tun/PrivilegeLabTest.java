package org.culvert.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.Native;
import java.nio.file.Path;
import java.util.List;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What a user without rights is told, and what works without. The test's thread gives its capabilities away. */
@Lab
final class PrivilegeLabTest {
    private static final int LINUX_CAPABILITY_VERSION_3 = 0x20080522; // linux/capability.h

    static {
        Native.register(PrivilegeLabTest.class, "c");
    }

    private static native int capset(long header, long data);

    private static native int setfsuid(int user);

    /** Changing a thread's rights makes the kernel forbid dumps of the whole process (prctl(2)). */
    @AfterAll
    static void allowDumps() throws SystemCallException {
        ProcessGuard.setDumpable(true);
    }

    @Test
    void aTunNeedsNetAdmin() throws Exception {
        giveUpCapabilities();
        assertRefused(
                "TUNSETIFF culvert7: operation not permitted; needs root or CAP_NET_ADMIN",
                () -> LinuxTun.open(new TunOptions("culvert7", true, true, true, false)));
    }

    /** Some distributions let everybody open the device; then TUNSETIFF refuses, as above. */
    @Test
    void theTunDeviceMayBeClosedToUsers() throws Exception {
        setfsuid(65_534);
        giveUpCapabilities();
        SystemCallException e = assertThrows(
                SystemCallException.class, () -> LinuxTun.open(new TunOptions("culvert7", true, true, true, false)));
        if (e.errno() == Errno.EACCES) {
            assertEquals("open /dev/net/tun: permission denied; needs root or CAP_NET_ADMIN", e.getMessage());
        } else {
            assertEquals("TUNSETIFF", e.call());
        }
    }

    /** How a daemon without rights comes to its TUN. Before an owner is set the kernel lets everybody in. */
    @Test
    void aPersistentTunOpensWithoutRightsForItsOwnerOnly() throws Exception {
        TunOptions persistent = new TunOptions("culvert7", true, true, true, true);
        LinuxTun.open(persistent).close();
        assertTrue(ProcessGuard.mayChangeNetworks());
        giveUpCapabilities();
        assertFalse(ProcessGuard.mayChangeNetworks());
        try (LinuxTun tun = LinuxTun.open(persistent)) {
            tun.setOwner(65_534);
        }
        assertRefused(
                "TUNSETIFF culvert7: operation not permitted; needs root or CAP_NET_ADMIN, or the TUN belongs to another user",
                () -> LinuxTun.open(persistent));
    }

    @Test
    void aPersistentTunOpensWithoutRightsForItsOwner() throws Exception {
        TunOptions persistent = new TunOptions("culvert7", true, true, true, true);
        try (LinuxTun tun = LinuxTun.open(persistent)) {
            tun.setOwner(ProcessGuard.effectiveUserId());
        }
        giveUpCapabilities();
        LinuxTun.open(persistent).close();
    }

    @Test
    void linksAndRoutesNeedNetAdminAndLookingAtThemDoesNot() throws Exception {
        giveUpCapabilities();
        try (Netlink netlink = Netlink.open();
                NetlinkWatch watch = NetlinkWatch.open()) {
            assertEquals(1, netlink.links().size());
            assertTrue(netlink.routes().isEmpty());
            assertEquals(0, watch.awaitChange(0));
            assertRefused(
                    "RTM_NEWLINK #1 mtu 9000: operation not permitted; needs root", () -> netlink.setMtu(1, 9000));
            Route guard = new Route(
                    UdpLinks.address("10.2.0.0", 1).getAddress(),
                    16,
                    Route.Kind.UNREACHABLE,
                    0,
                    null,
                    null,
                    7,
                    Netlink.PROTOCOL_CULVERT,
                    0);
            String text = "unreachable 10.2.0.0/16 metric 7 proto 148: operation not permitted; needs root";
            assertRefused("RTM_NEWROUTE " + text, () -> netlink.addRoute(guard));
            assertRefused("RTM_DELROUTE " + text, () -> netlink.deleteRoute(guard));
        }
    }

    @Test
    void aSocketTakesTheBufferItIsAllowed() throws Exception {
        giveUpCapabilities();
        try (LinuxUdpLink link = UdpLinks.bind("127.0.0.1");
                Region memory = new Region(2048)) {
            assertEquals(1400, link.send(UdpLinks.to("127.0.0.1", link), memory.address(), 1400, 1400));
            assertEquals(1400, link.receive(memory.address(), 2048, new Datagrams()));
        }
        String hint = "permission denied; ports below 1024 need root or CAP_NET_BIND_SERVICE";
        assertRefused(
                "bind 127.0.0.1:500: " + hint,
                () -> LinuxUdpLink.bind(UdpLinks.address("127.0.0.1", 500), UdpOptions.defaults()));
    }

    @Test
    void capturingAndEnteringANamespaceNeedRightsToo() throws Exception {
        giveUpCapabilities();
        assertRefused(
                "socket AF_PACKET: operation not permitted; needs root or CAP_NET_RAW", () -> PacketCapture.open("lo"));
        assertRefused(
                "socket AF_PACKET: operation not permitted; needs root or CAP_NET_RAW",
                () -> LinuxLanLink.open(List.of(), List.of()));
        Path namespace = Path.of("/proc/self/ns/net");
        assertRefused(
                "setns /proc/self/ns/net: operation not permitted; needs root or CAP_SYS_ADMIN",
                () -> NetworkNamespace.enter(namespace));
    }

    private static void assertRefused(String start, Executable call) {
        SystemCallException e = assertThrows(SystemCallException.class, call);
        assertTrue(e.getMessage().startsWith(start), e.getMessage());
    }

    /** Of this thread alone: capset(2) knows no process. */
    private static void giveUpCapabilities() {
        try (Region memory = new Region(64)) {
            OffHeap.putNativeI32(memory.address(), LINUX_CAPABILITY_VERSION_3);
            assertEquals(0, capset(memory.address(), memory.address() + 8));
        }
    }
}
