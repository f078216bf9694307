package org.culvert.core.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.culvert.core.control.socket.ControlClient;
import org.culvert.core.control.socket.StatusHandler;
import org.culvert.core.demo.Gateway;
import org.culvert.core.demo.Namespace;
import org.culvert.core.demo.Settings;
import org.culvert.core.demo.Site;

/** A site and the daemon on its gateway. */
public record Office(Site site, Gateway daemon) {
    private static final Duration LONGEST = Duration.ofSeconds(20);

    public Office(Site site, Path folder) {
        this(site, new Gateway(Product.CULVERT, site.gateway(), folder.resolve(site.name())));
    }

    public Namespace host() {
        return site.host();
    }

    public Namespace gateway() {
        return site.gateway();
    }

    public String name() {
        return site.name();
    }

    public void configure(Office peer, String listen, String endpoint) throws IOException {
        Path config = daemon.config();
        Files.writeString(config, Settings.text(peer.site, config.resolveSibling(""), listen, endpoint));
    }

    /** One more, by certificate. */
    public void befriend(String name, String certificate, String endpoint) throws IOException {
        Files.writeString(daemon.config(), """

                [[peer]]
                name        = "%s"
                certificate = "%s"
                endpoint    = "%s"
                """.formatted(name, certificate, endpoint), StandardOpenOption.APPEND);
    }

    /** Sends no control messages of its own accord: for tests that count each datagram on the way. */
    public void neverAsk() throws IOException {
        Files.writeString(daemon.config(), "measure = false\n", StandardOpenOption.APPEND);
    }

    /** What the control socket says of the one peer. */
    public JsonNode peerStatus() throws IOException {
        return peerStatus(0);
    }

    /** Of the peers in their order. */
    JsonNode peerStatus(int number) throws IOException {
        return statusTree().path("peers").path(number);
    }

    /** What it says that it refuses of a peer's, or a peer of its, with this code; missing when it says nothing. */
    JsonNode refusal(int peer, String code) throws IOException {
        for (JsonNode refusal : peerStatus(peer).path("refusals")) {
            if (refusal.path("code").asText().equals(code)) {
                return refusal;
            }
        }
        return peerStatus(peer).path("none");
    }

    /** All that the control socket says. */
    public JsonNode statusTree() throws IOException {
        Path socket = daemon.config().resolveSibling("run").resolve("culvert.sock");
        String json = new ControlClient(socket, LONGEST)
                .ask("GET", StatusHandler.PATH)
                .body();
        return new ObjectMapper().readTree(json);
    }

    /** Changes one line's worth of the configuration. */
    public void reconfigure(String from, String to) throws IOException {
        String before = Files.readString(daemon.config());
        if (!before.contains(from)) {
            throw new IllegalArgumentException("not in the configuration: " + from);
        }
        Files.writeString(daemon.config(), before.replace(from, to));
    }

    /** Asks the control socket as {@code culvert status --json} does, without the time a program takes to start. */
    public Status status() throws IOException {
        Path socket = daemon.config().resolveSibling("run").resolve("culvert.sock");
        return Status.parse(new ControlClient(socket, LONGEST)
                .ask("GET", StatusHandler.PATH)
                .body());
    }

    /**
     * Pings another site's host from this one's, IPv4. Waits for a first answer as long as a packet waits for keys.
     *
     * @param options further ones of ping; {@code -W 1} where no answer is expected
     */
    public Pings ping(Office other, int count, String... options) throws Exception {
        return Pings.send(host(), other.site.host4(), count, patiently(options));
    }

    public Pings pingOneByOne(Office other, int count) throws Exception {
        return Pings.oneByOne(host(), other.site.host4(), count);
    }

    public Pings ping6(Office other, int count, String... options) throws Exception {
        return Pings.send(host(), other.site.host6(), count, patiently(options));
    }

    private static String[] patiently(String... options) {
        return Stream.concat(Stream.of("-W", "5"), Arrays.stream(options)).toArray(String[]::new);
    }

    /** Interfaces, addresses, routes and rules of the gateway, as {@code ip} prints them. */
    public String network() throws IOException {
        var text = new StringBuilder();
        for (String object :
                List.of("link", "address", "route show table all", "-6 route show table all", "rule", "-6 rule")) {
            var command = new ArrayList<>(List.of("ip"));
            command.addAll(List.of(object.split(" ")));
            text.append(gateway().run(command).succeeded().out());
        }
        return text.toString();
    }
}
