package org.culvert.core.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.culvert.core.crypto.Sha256;

/** What the demo shows, one method per step, in this order. One thread. */
final class Tour {
    private static final int FILE_BYTES = 8 << 20;
    private static final int LINE_BYTES = 64; // every full-sized packet of the file holds a whole line
    private static final int OUTER_PORT = 1640;

    private final String culvert;
    private final Story story;
    private final TwoSites sites;
    private final Path folder;
    private final Site tokyo;
    private final Site birlinghoven;
    private final Gateway tokyoGateway;
    private final Gateway birlinghovenGateway;

    /**
     * Starts nothing yet.
     *
     * @param folder where keys, certificates, configuration and logs go; absolute
     */
    Tour(String culvert, Story story, TwoSites sites, Path folder) {
        this.culvert = culvert;
        this.story = story;
        this.sites = sites;
        this.folder = folder;
        this.tokyo = sites.tokyo();
        this.birlinghoven = sites.birlinghoven();
        this.tokyoGateway = new Gateway(culvert, tokyo.gateway(), folder.resolve(tokyo.name()));
        this.birlinghovenGateway = new Gateway(culvert, birlinghoven.gateway(), folder.resolve(birlinghoven.name()));
    }

    void issueCertificates() throws IOException {
        story.step("A certificate for each gateway, which says for which networks it may speak");
        story.path(Path.of(culvert).resolveSibling(""));
        story.command(List.of("cd", folder.toString()));
        command(Issuing.makeAuthority(culvert, "ca", "Big Bucks CA"));
        for (Site site : List.of(tokyo, birlinghoven)) {
            command(Issuing.request(culvert, site.name(), site.name(), List.of(site.network4(), site.network6())));
            command(Issuing.sign(culvert, "ca", site.name()));
        }
        story.finding(true, "the CA signed " + tokyo.name() + " and " + birlinghoven.name());
    }

    private void command(List<String> command) throws IOException {
        story.command(command);
        Programs.runIn(folder, command).succeeded();
    }

    void startGateways() throws Exception {
        story.step("A daemon on each gateway");
        configure(tokyoGateway, birlinghoven);
        configure(birlinghovenGateway, tokyo);
        story.command(List.of("cat", tokyo.name() + "/culvert.toml"));
        story.said(Files.readString(tokyoGateway.config()));
        for (Gateway gateway : List.of(tokyoGateway, birlinghovenGateway)) {
            story.command(Namespace.command(gateway.machine().name(), gateway.runCommand()));
            gateway.start();
        }
        tokyoGateway.awaitReady();
        birlinghovenGateway.awaitReady();
        story.finding(true, "both are ready");
    }

    private static void configure(Gateway gateway, Site peer) throws IOException {
        Path config = gateway.config();
        String text =
                Settings.text(peer, config.resolveSibling(""), "0.0.0.0:" + OUTER_PORT, peer.wan4() + ":" + OUTER_PORT);
        Files.writeString(config, text);
    }

    void pingBothWays() throws Exception {
        story.step("Ping from host to host");
        ping(tokyo, birlinghoven, birlinghoven.host4());
        ping(birlinghoven, tokyo, tokyo.host4());
        if (sites.ipv6()) {
            ping(tokyo, birlinghoven, birlinghoven.host6());
            ping(birlinghoven, tokyo, tokyo.host6());
        }
    }

    private void ping(Site from, Site to, String address) throws Exception {
        double ms = Ping.bestMs(from.host(), address);
        story.finding(
                true, String.format(Locale.ROOT, "%-12s -> %-12s %-10s %.1f ms", from.name(), to.name(), address, ms));
    }

    void fetchFile() throws Exception {
        story.step("A file of 8 MB over plain HTTP, watched on a LAN and on the internet");
        byte[] secret = secretLine();
        byte[] file = fileOf(secret);
        List<byte[]> lan;
        List<byte[]> wan;
        try (FileServer server = FileServer.start(birlinghoven.host(), birlinghoven.host4(), file);
                Capture onLan = Capture.start(birlinghoven.gateway(), "lan0");
                Capture onWan = Capture.start(sites.wan(), tokyo.name())) {
            long startNs = System.nanoTime();
            byte[] fetched = FileClient.fetch(tokyo.host(), server.address());
            double seconds = (System.nanoTime() - startNs) / 1e9;
            String there = sha256(file);
            String here = sha256(fetched);
            story.finding(
                    there.equals(here),
                    String.format(
                            Locale.ROOT,
                            "%d bytes in %.2f s from http:/%s",
                            fetched.length,
                            seconds,
                            server.address()));
            story.detail("sha256 there " + there);
            story.detail("sha256 here  " + here);
            lan = onLan.stop();
            wan = onWan.stop();
        }
        judge(lan, wan, secret);
    }

    /** The capture on the LAN shows that the search would find the file: "not found" alone proves nothing. */
    private void judge(List<byte[]> lan, List<byte[]> wan, byte[] secret) throws IOException {
        long readable = count(lan, secret);
        long leaked = count(wan, secret);
        InetAddress inner = InetAddress.getByName("10.0.0.0");
        long inClear =
                wan.stream().filter(frame -> Frames.touches(frame, inner, 8)).count();
        long wanBytes = wan.stream().mapToLong(frame -> frame.length).sum();
        story.detail("looked for: " + new String(secret, StandardCharsets.US_ASCII));
        story.finding(readable > 0, "on the LAN %d of %d frames show it".formatted(readable, lan.size()));
        story.finding(
                leaked == 0 && inClear == 0 && wanBytes > FILE_BYTES,
                "on the internet %d of %d frames show it, %d bear an address of the LANs"
                        .formatted(leaked, wan.size(), inClear));
    }

    void showStatus() throws IOException {
        story.step("What the gateways say");
        for (Gateway gateway : List.of(tokyoGateway, birlinghovenGateway)) {
            story.command(
                    List.of(culvert, "status", "--config", gateway.config().toString()));
            story.said(gateway.ask("status").succeeded().out());
        }
    }

    void stopGateways() throws IOException {
        story.step("The end");
        int tokyoCode = tokyoGateway.stop();
        int birlinghovenCode = birlinghovenGateway.stop();
        story.finding(
                tokyoCode == 0 && birlinghovenCode == 0,
                "the daemons ended with exit codes %d and %d".formatted(tokyoCode, birlinghovenCode));
    }

    void tellHowToEnter(String id) {
        story.step("It stays up");
        story.said("""
                enter a host:     ip netns exec %1$s-tokyo-lan sh      (then: ping %2$s)
                other machines:   %1$s-tokyo  %1$s-wan  %1$s-birlinghoven  %1$s-birlinghoven-lan
                files and logs:   %3$s
                remove it:        %4$s demo --remove %1$s""".formatted(id, birlinghoven.host4(), folder, culvert));
    }

    private static byte[] secretLine() {
        String secret = "Big Bucks, Inc.: strictly confidential, case "
                + HexFormat.of().toHexDigits(new SecureRandom().nextLong());
        return secret.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] fileOf(byte[] secret) {
        byte[] file = new byte[FILE_BYTES];
        Arrays.fill(file, (byte) '\n');
        for (int start = 0; start < FILE_BYTES; start += LINE_BYTES) {
            System.arraycopy(secret, 0, file, start, secret.length);
        }
        return file;
    }

    private static long count(List<byte[]> frames, byte[] bytes) {
        return frames.stream().filter(frame -> Frames.holds(frame, bytes)).count();
    }

    private static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(Sha256.of(bytes));
    }
}
