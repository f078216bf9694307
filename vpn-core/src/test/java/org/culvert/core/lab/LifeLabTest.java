package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Namespace;
import org.culvert.core.demo.Programs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs the script of {@code vpn-keymgmt/doc/life.md}, which is taken out of the page as it stands, with five live gateways on one wire. Two pings run
 * beside it: one from tokyo to bern, across the CAs, that may not lose a packet, and one to lima, which ends with its revocation.
 */
@Tag("lab")
class LifeLabTest {
    private static final List<String> HOSTS = List.of("tokyo", "birlinghoven", "lima", "bern", "oslo");
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final Pattern SUMMARY = Pattern.compile("(\\d+) packets transmitted, (\\d+) received");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```sh\n(.*?)^```$");

    private final Path folder = Path.of("target/lab", "LifeLabTest").toAbsolutePath();
    private final String prefix = "cvl" + ProcessHandle.current().pid();
    private final Deque<Namespace> namespaces = new ArrayDeque<>();

    @BeforeEach
    void build() throws Exception {
        LabMachine.require("ping/iputils-ping", "bash");
        Product.deleteTree(folder);
        Namespace wire = namespace("wire");
        wire.ip("link add wire type bridge\nlink set wire up");
        for (int number = 1; number <= HOSTS.size(); number++) {
            String host = HOSTS.get(number - 1);
            Files.createDirectories(folder.resolve(host));
            Namespace gateway = namespace(host);
            gateway.ip("""
                    link add wan0 type veth peer name %s netns %s
                    link add lan0 type veth peer name lan1
                    address add 192.0.2.%d/24 dev wan0
                    address add 10.%d.0.1/24 dev lan0
                    link set wan0 up
                    link set lan0 up
                    link set lan1 up
                    """.formatted(host, wire.name(), number, number));
            wire.ip("link set %s master wire up".formatted(host));
        }
    }

    private Namespace namespace(String machine) throws Exception {
        Namespace made = Namespace.create(prefix + "-" + machine);
        namespaces.push(made);
        return made;
    }

    @AfterEach
    void remove() throws IOException {
        while (!namespaces.isEmpty()) {
            namespaces.pop().close();
        }
    }

    /** What the page leaves to the administrator, for gateways that are namespaces here. */
    private String functions() {
        return """
                set -o pipefail
                cd '%s'
                export PATH="%s:$PATH"
                on() { local host=$1; shift; (cd "$host" && exec ip netns exec "%s-$host" "$@"); }
                put() { local host=$1; shift; cp "$@" "$host/"; }
                get() { cp "$1/$2" "$3"; }
                start() {
                    (cd "$1" && exec ip netns exec "%s-$1" culvert run --config culvert.toml </dev/null >log 2>&1) &
                    local tries=0
                    until grep -q ready "$1/log" 2>/dev/null; do
                        tries=$((tries + 1))
                        [ $tries -lt 600 ] || { cat "$1/log"; exit 1; }
                        sleep 0.1
                    done
                }
                """.formatted(folder, Product.DIST.resolve("bin"), prefix, prefix);
    }

    private static List<String> blocks() throws IOException {
        String page = Files.readString(Path.of("../vpn-keymgmt/doc/life.md"));
        return BLOCK.matcher(page).results().map(block -> block.group(1)).toList();
    }

    /** The whole script, with the two pings started as soon as everybody reaches everybody. */
    private String script(List<String> blocks) {
        StringBuilder script = new StringBuilder(functions());
        boolean watched = false;
        for (String block : blocks) {
            boolean afterRevocation = block.startsWith("remaining=");
            if (afterRevocation) {
                script.append("date +%s.%N > reloaded\n");
            }
            script.append(block);
            if (!watched && block.contains("reach $hosts")) {
                script.append("(exec ip netns exec ")
                        .append(prefix)
                        .append("-tokyo ping -D -i 0.2 10.4.0.1 >steady 2>&1) &\n");
                script.append("steady=$!\n");
                script.append("(exec ip netns exec ")
                        .append(prefix)
                        .append("-tokyo ping -D -i 0.1 10.3.0.1 >lima.ping 2>&1) &\n");
                watched = true;
            }
        }
        return script.append("kill -INT $steady\nwait $steady\n").toString();
    }

    @Test
    @Timeout(value = 6, unit = TimeUnit.MINUTES)
    void theWholeLifeOfANetworkGoesAsWritten() throws Exception {
        List<String> blocks = blocks();
        assertTrue(blocks.size() >= 10, "the page has lost its script: " + blocks.size());
        Files.createDirectories(folder);
        Path script = Files.writeString(folder.resolve("life.sh"), script(blocks));

        Finished life = Programs.run(List.of("bash", script.toString()), "", LONGEST);

        Files.writeString(folder.resolve("life.out"), life.out() + life.err());
        assertEquals(0, life.code(), () -> life.err() + tail(life.out()));
        String steady = Files.readString(folder.resolve("steady"));
        Matcher summary = SUMMARY.matcher(steady);
        assertTrue(summary.find(), () -> tail(steady));
        int unanswered = Integer.parseInt(summary.group(1)) - Integer.parseInt(summary.group(2));
        assertTrue(
                unanswered <= 1,
                () -> "packets were lost: " + tail(steady)); // it was interrupted, perhaps after a request
        assertTrue(life.out().contains("unbroken; newest hash"), () -> tail(life.out()));
        String reloaded = Files.readString(folder.resolve("reloaded")).strip();
        lastAnswer(Files.readString(folder.resolve("lima.ping")))
                .ifPresent(last -> System.out.printf(
                        Locale.ROOT,
                        "lab: lima's last answer to tokyo %.2f s before the last of five reloads had ended%n",
                        Double.parseDouble(reloaded) - last));
        System.out.println("lab: steady ping through the whole life: "
                + steady.lines()
                        .filter(line -> line.contains("packet loss"))
                        .findFirst()
                        .orElse(""));
    }

    private static OptionalDouble lastAnswer(String ping) {
        List<MatchResult> answers = Pattern.compile("(?m)^\\[([0-9.]+)\\] \\d+ bytes from")
                .matcher(ping)
                .results()
                .toList();
        return answers.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(Double.parseDouble(answers.getLast().group(1)));
    }

    private static String tail(String text) {
        List<String> lines = new ArrayList<>(text.lines().toList());
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    }
}
