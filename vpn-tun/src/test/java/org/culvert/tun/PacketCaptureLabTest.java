package org.culvert.tun;

import static org.culvert.tun.LabExtension.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.Test;

@Lab
final class PacketCaptureLabTest {
    @Test
    void seesFramesOfItsInterfaceOnly() throws Exception {
        ip("link add left type veth peer name right");
        ip("link set left up addrgenmode none");
        ip("link set right up addrgenmode none");
        try (PacketCapture left = PacketCapture.open("left");
                PacketCapture right = PacketCapture.open("right");
                PacketCapture lo = PacketCapture.open("lo");
                Region memory = new Region(4096)) {
            assertEquals(-Errno.EAGAIN, right.read(memory.address(), 2048));
            Packets.put(memory.address() + 2048, "ffffffffffff 020000000001 88b5 6361707475726564" + "00".repeat(38));
            assertEquals(60, left.write(memory.address() + 2048, 60));
            assertTrue(right.awaitReadable(-1));
            assertEquals(60, right.read(memory.address(), 2048));
            assertEquals(Packets.hex(memory.address() + 2048, 60), Packets.hex(memory.address(), 60));
            assertEquals(0x88b5, OffHeap.u16(memory.address() + 12));
            assertFalse(lo.awaitReadable(0));
            assertEquals(0, right.dropped());
        }
    }

    @Test
    void isQuietAfterClose() throws Exception {
        PacketCapture capture = PacketCapture.open("lo");
        capture.close();
        capture.close();
        assertEquals(0, capture.dropped());
        assertFalse(capture.awaitReadable(0));
        assertEquals(-Errno.EBADF, capture.read(16, 0));
    }

    @Test
    void namesTheInterfaceOrNamespaceThatIsNotThere() throws Exception {
        Descriptors.assertUnchanged(() -> {
            SystemCallException gone = assertThrows(SystemCallException.class, () -> PacketCapture.open("eth9"));
            assertEquals("SIOCGIFINDEX eth9: no such device", gone.getMessage());
            String tooLong = "an-interface-name";
            assertThrows(SystemCallException.class, () -> PacketCapture.open(tooLong));
            Path namespace = Path.of("/run/netns/culvert-nowhere");
            SystemCallException nowhere =
                    assertThrows(SystemCallException.class, () -> NetworkNamespace.enter(namespace));
            assertEquals("open /run/netns/culvert-nowhere: no such file or directory", nowhere.getMessage());
            Path file = Path.of("/dev/null");
            SystemCallException noNamespace =
                    assertThrows(SystemCallException.class, () -> NetworkNamespace.enter(file));
            assertEquals(Errno.EINVAL, noNamespace.errno());
        });
    }

    @Test
    void entersANamespace() throws Exception {
        ip("link add left type veth");
        try (Netlink netlink = Netlink.open()) {
            assertEquals(3, netlink.links().size());
        }
        // Where the process's first thread still is: LabExtension moved this one alone.
        NetworkNamespace.enter(Path.of("/proc/self/ns/net"));
        try (Netlink netlink = Netlink.open()) {
            assertTrue(netlink.link("left").isEmpty());
            assertTrue(netlink.link("lo").isPresent());
        }
    }
}
