package org.culvert.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SystemdNotifyTest {
    @TempDir
    Path folder;

    @Test
    void sendsToASocketInTheFileSystem() throws Exception {
        String path = folder.resolve("notify").toString();
        try (ServiceManager manager = new ServiceManager(path.getBytes(StandardCharsets.UTF_8))) {
            assertTrue(SystemdNotify.send("READY=1\nSTATUS=3 of 4 peers", path));
            assertEquals("READY=1\nSTATUS=3 of 4 peers", manager.receive());
        }
    }

    @Test
    void sendsToAnAbstractSocket() throws Exception {
        String name = "culvert-" + UUID.randomUUID();
        try (ServiceManager manager = new ServiceManager(("\0" + name).getBytes(StandardCharsets.UTF_8))) {
            assertTrue(SystemdNotify.send("STOPPING=1", "@" + name));
            assertEquals("STOPPING=1", manager.receive());
        }
    }

    @Test
    void doesNothingWithoutAServiceManager() throws Exception {
        assertFalse(SystemdNotify.send("READY=1", null));
        assertFalse(SystemdNotify.send("READY=1", ""));
    }

    @Test
    void namesTheSocketThatDoesNotAnswer() {
        String path = folder.resolve("nobody").toString();
        SystemCallException e = assertThrows(SystemCallException.class, () -> SystemdNotify.send("READY=1", path));
        assertEquals("sendto " + path + ": no such file or directory; NOTIFY_SOCKET is not being read", e.getMessage());
        assertThrows(SystemCallException.class, () -> SystemdNotify.send("READY=1", "vsock:2:1234"));
        assertThrows(SystemCallException.class, () -> SystemdNotify.send("READY=1", "/" + "x".repeat(107)));
    }

    @Test
    void leavesNoDescriptorBehind() throws Exception {
        Descriptors.assertUnchanged(() -> {
            for (int i = 0; i < 20; i++) {
                assertThrows(SystemCallException.class, () -> SystemdNotify.send("READY=1", "/nobody/here"));
            }
        });
    }

    /** The receiving end of sd_notify. */
    private static final class ServiceManager implements AutoCloseable {
        private final int fd = LibC.socket(LibC.AF_UNIX, LibC.SOCK_DGRAM | LibC.O_NONBLOCK, 0);
        private final Region memory = new Region(1024);

        ServiceManager(byte[] path) {
            OffHeap.putNativeU16(memory.address(), LibC.AF_UNIX);
            OffHeap.copy(path, 0, memory.address() + SystemdNotify.SUN_PATH, path.length);
            int bytes = SystemdNotify.SUN_PATH + path.length + (path[0] == 0 ? 0 : 1);
            assertEquals(0, LibC.bind(fd, memory.address(), bytes), () -> Errno.words(LibC.errno()));
        }

        String receive() {
            int bytes = (int) LibC.read(fd, memory.address(), 1024);
            byte[] text = new byte[bytes];
            OffHeap.copy(memory.address(), text, 0, bytes);
            return new String(text, StandardCharsets.UTF_8);
        }

        @Override
        public void close() {
            LibC.close(fd);
            memory.close();
        }
    }
}
