package org.culvert.core.lab.services;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.culvert.core.demo.Programs;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Furnished;
import org.culvert.core.lab.Overheard;
import org.culvert.core.lab.TcpFrame;
import org.junit.jupiter.api.Test;

/**
 * Files by FTP (vsftpd), whose data connection the server opens towards the client or the client towards a port nobody
 * knows beforehand, and by a Windows share (samba).
 */
class FilesLabTest extends CrossingLab {
    private static final int FILE_BYTES = 100_000_000;
    private static final int MARK_EVERY_BYTES = 1_000; // one in every segment
    private static final String MARK = "Big Bucks, draft contract, page ";

    private Furnished near;
    private Furnished far;

    @Override
    protected List<String> needs() {
        return List.of("vsftpd", "curl", "smbd/samba", "smbclient", "cmp/diffutils", "openssl");
    }

    @Override
    protected void serve() throws Exception {
        near = Furnished.create(tokyo.host(), folder.resolve("near"));
        far = Furnished.create(birlinghoven.host(), folder.resolve("far"));
        far.give("contract", markedNoise(FILE_BYTES));
        Files.createDirectories(far.run("empty"));
        far.serve(21, "vsftpd", far.write("vsftpd.conf", """
                        listen=YES
                        background=NO
                        anonymous_enable=NO
                        local_enable=YES
                        xferlog_enable=NO
                        connect_from_port_20=YES
                        secure_chroot_dir=/run/empty
                        seccomp_sandbox=NO
                        pam_service_name=vsftpd
                        """));
        for (String name : List.of("private", "lock", "state", "cache", "pid", "samba", "share")) {
            Files.createDirectories(far.run(name));
        }
        Files.createDirectories(folder.resolve("far/var/log/samba"));
        Files.write(far.run("share/contract"), markedNoise(1_000_000));
        String smb = far.write("smb.conf", """
                [global]
                workgroup = BIGBUCKS
                interfaces = %s
                bind interfaces only = yes
                smb ports = 445
                private dir = /run/private
                lock directory = /run/lock
                state directory = /run/state
                cache directory = /run/cache
                pid directory = /run/pid
                ncalrpc dir = /run/ncalrpc
                disable spoolss = yes
                load printers = no
                [share]
                path = /run/share
                read only = no
                """.formatted(birlinghoven.site().host4()));
        far.call(
                        "sh",
                        "-c",
                        "printf '%s\\n%s\\n' | smbpasswd -c %s -s -a %s"
                                .formatted(Furnished.PASSWORD, Furnished.PASSWORD, smb, Furnished.USER))
                .succeeded();
        far.serve(445, "smbd", "-F", "--no-process-group", "-s", smb, "--debug-stdout");
    }

    private static byte[] markedNoise(int bytes) {
        byte[] noise = new byte[bytes];
        new Random(7).nextBytes(noise);
        byte[] mark = MARK.getBytes(StandardCharsets.US_ASCII);
        for (int at = 0; at + mark.length <= bytes; at += MARK_EVERY_BYTES) {
            System.arraycopy(mark, 0, noise, at, mark.length);
        }
        return noise;
    }

    /** The client opens the data connection. */
    @Test
    void passiveFtp() throws Exception {
        Overheard clear = heardOnlyWithoutCulvert(List.of(Furnished.PASSWORD, MARK), () -> fetch("--ftp-pasv"));
        assertFalse(serverOpens(clear));
    }

    /** The server opens the data connection, from port 20: what no forwarded port can carry. */
    @Test
    void activeFtp() throws Exception {
        Overheard clear = heardOnlyWithoutCulvert(List.of(Furnished.PASSWORD, MARK), () -> fetch("--ftp-port", "-"));
        assertTrue(serverOpens(clear), "the server opened no connection from port 20: this was not active FTP");
    }

    private static boolean serverOpens(Overheard clear) {
        return clear.frames().stream()
                .flatMap(frame -> TcpFrame.parse(frame).stream())
                .anyMatch(segment -> segment.opens() && segment.sourcePort() == 20);
    }

    private void fetch(String... how) throws Exception {
        Path got = folder.resolve("got");
        var command = new ArrayList<>(List.of(
                "curl",
                "-sS",
                "--max-time",
                "55",
                "--user",
                Furnished.USER + ":" + Furnished.PASSWORD,
                "-o",
                got.toString()));
        command.addAll(List.of(how));
        command.add("ftp://" + birlinghoven.site().host4() + "/contract");
        tokyo.host().run(command).succeeded();
        assertSame(got, far.home().resolve("contract"));
    }

    /** Samba does not send passwords in clear, but files it does. */
    @Test
    void windowsShare() throws Exception {
        heardOnlyWithoutCulvert(List.of(MARK), () -> {
            near.call(
                            "smbclient",
                            "//" + birlinghoven.site().host4() + "/share",
                            "-U",
                            Furnished.USER + "%" + Furnished.PASSWORD,
                            "-c",
                            "get contract /run/got")
                    .succeeded();
            assertSame(near.run("got"), far.run("share/contract"));
        });
    }

    private static void assertSame(Path got, Path sent) throws Exception {
        assertTrue(Files.size(sent) > 0);
        assertEquals(
                "",
                Programs.run(List.of("cmp", got.toString(), sent.toString())).out());
        Files.delete(got);
    }
}
