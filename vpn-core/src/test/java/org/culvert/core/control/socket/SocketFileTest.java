package org.culvert.core.control.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.culvert.core.status.Samples;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class SocketFileTest {
    private static final List<ControlHandler> HANDLERS = List.of(new StatusHandler(Samples::tokyo));

    @TempDir
    Path folder;

    @Test
    void makesTheFolderAndTheSocketForOwnerAndGroupOnly() throws IOException {
        Path path = folder.resolve("run/culvert/culvert.sock");
        try (ControlSocket _ = ControlSocket.open(path, HANDLERS)) {
            assertEquals("rwxr-x---", mode(path.getParent()));
            assertEquals("rw-rw----", mode(path));
            assertEquals(200, status(path));
        }
    }

    /** It may be /tmp. */
    @Test
    void leavesAnExistingFolderAsItIs() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        ControlSocket.open(folder.resolve("culvert.sock"), HANDLERS).close();
        assertEquals("rwxr-xr-x", mode(folder));
    }

    @Test
    void takesItsNameAwayAtTheEnd() throws IOException {
        Path path = folder.resolve("culvert.sock");
        ControlSocket.open(path, HANDLERS).close();
        assertFalse(Files.exists(path));
    }

    @Test
    void refusesToTakeThePlaceOfALiveDaemon() throws IOException {
        Path path = folder.resolve("culvert.sock");
        try (ControlSocket _ = ControlSocket.open(path, HANDLERS)) {
            IOException refused = assertThrows(IOException.class, () -> ControlSocket.open(path, List.of()));
            assertEquals(
                    path
                            + ": another culvert runs for this control socket; stop it, or choose another [gateway] control",
                    refused.getMessage());
            assertEquals(200, status(path), "the first one goes on");
        }
    }

    /** A daemon that is stopped (SIGSTOP) or hangs accepts nothing, and is alive all the same. */
    @Test
    void takesAFullBacklogForALiveDaemon() throws IOException {
        Path path = folder.resolve("culvert.sock");
        try (ServerSocketChannel hanging = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            hanging.bind(UnixDomainSocketAddress.of(path), 1);
            for (int i = 0; i < 5; i++) {
                assertThrows(IOException.class, () -> ControlSocket.open(path, HANDLERS));
            }
        }
    }

    @Test
    void takesThePlaceOfADeadDaemon() throws IOException {
        Path path = folder.resolve("culvert.sock");
        deadSocket(path);
        deadSocket(folder.resolve("culvert.sock.new")); // killed even before it had its name
        try (ControlSocket _ = ControlSocket.open(path, HANDLERS)) {
            assertEquals(200, status(path));
        }
    }

    @Test
    void neverRemovesAFileThatIsNoSocket() throws IOException {
        Path path = Files.writeString(folder.resolve("notes.txt"), "dear diary");
        IOException refused = assertThrows(IOException.class, () -> ControlSocket.open(path, HANDLERS));
        assertTrue(refused.getMessage().startsWith(path + ": there is a file of this name that is no socket; "));
        assertEquals("dear diary", Files.readString(path));
    }

    @Test
    void doesNotFollowALink() throws IOException {
        Path target = folder.resolve("target.sock");
        deadSocket(target);
        Path path = Files.createSymbolicLink(folder.resolve("culvert.sock"), target);
        assertThrows(IOException.class, () -> ControlSocket.open(path, HANDLERS));
        assertTrue(Files.isSymbolicLink(path));
    }

    @Test
    void leavesTheSocketOfItsSuccessor() throws IOException {
        Path path = folder.resolve("culvert.sock");
        ControlSocket first = ControlSocket.open(path, HANDLERS);
        Files.delete(path); // somebody tidied up, and started another
        try (ControlSocket _ = ControlSocket.open(path, HANDLERS)) {
            first.close();
            assertEquals(200, status(path));
        }
    }

    @Test
    void closesTwiceWithoutHarm() throws IOException {
        ControlSocket socket = ControlSocket.open(folder.resolve("culvert.sock"), HANDLERS);
        socket.close();
        socket.close();
    }

    private static void deadSocket(Path path) throws IOException {
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(path));
        }
        assertTrue(Files.exists(path));
    }

    private static int status(Path path) throws IOException {
        return new ControlClient(path, Duration.ofSeconds(10))
                .ask("GET", StatusHandler.PATH)
                .status();
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
