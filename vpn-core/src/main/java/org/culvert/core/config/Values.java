package org.culvert.core.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.culvert.core.crypto.CipherChoice;
import org.culvert.core.crypto.Suite;
import org.culvert.core.epoch.Mode;
import org.culvert.core.packet.TrafficClass;
import org.culvert.core.wire.DataHeader;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.trust.HostName;

/** What the texts of a configuration may be. Each method reads one kind or says what is wrong with it. */
final class Values {
    /**
     * A UNIX socket's path has at most 107 bytes (sockaddr_un), and the daemon first binds a name four bytes longer, which it
     * then renames.
     */
    static final int CONTROL_BYTES = 103;

    /** IFNAMSIZ less its zero. The kernel would take more signs; these need no quoting in any tool and no escaping in a log. */
    private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9_.-]{1,15}");

    /** Have a meaning of their own under /proc/sys/net, or as a path, or are taken on every host. */
    private static final List<String> TAKEN_INTERFACES = List.of("all", "default", ".", "..", "lo");

    /** More are for who has measured that they help. */
    private static final int MOST_AUTO_QUEUES = 8;

    private static final int MOST_DSCP = 63;

    private static final List<String> CIPHER_BACKENDS = List.of("auto", "jce", "ipsec-mb");

    private static final List<String> COMPRESSIONS = List.of("off", "zstd");
    private static final List<String> CRL_STALE = List.of("warn", "refuse");
    private static final Pattern FINGERPRINT = Pattern.compile("[0-9A-Fa-f]{64}|[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){31}");

    /** No packet with such a source passes the source check, so a network in there would never carry anything. */
    private static final List<Prefix> NEVER_ROUTED = Stream.of(
                    "0.0.0.0/8",
                    "127.0.0.0/8",
                    "169.254.0.0/16",
                    "224.0.0.0/4",
                    "240.0.0.0/4",
                    "::/127",
                    "fe80::/10",
                    "ff00::/8")
            .map(Prefix::parse)
            .toList();

    private Values() {}

    static Path path(Path folder, String text) throws BadValue {
        try {
            // A key in a token is named by a URI (RFC 7512), which has no folder.
            return text.startsWith("pkcs11:") ? Path.of(text) : folder.resolve(text);
        } catch (InvalidPathException e) {
            throw new BadValue("`" + text + "` is not a path", "write the path of a file");
        }
    }

    static Path socketPath(Path folder, String text) throws BadValue {
        Path path = path(folder, text);
        int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > CONTROL_BYTES) {
            throw new BadValue(
                    "the path of the control socket has " + bytes + " bytes, " + CONTROL_BYTES + " are possible",
                    "use a shorter one, as /run/culvert/NAME.sock");
        }
        return path;
    }

    static String interfaceName(String text) throws BadValue {
        if (!INTERFACE.matcher(text).matches() || TAKEN_INTERFACES.contains(text)) {
            throw new BadValue(
                    "`" + text + "` cannot be the name of an interface",
                    "use up to 15 letters, digits, dots, dashes or underscores");
        }
        return text;
    }

    static String peerName(String text) throws BadValue {
        Optional<String> fault = HostName.fault(text);
        if (fault.isEmpty()) {
            return text;
        }
        String lower = text.toLowerCase(Locale.ROOT);
        throw new BadValue(
                fault.get(),
                HostName.fault(lower).isEmpty()
                        ? "write \"" + lower + "\", as in its certificate"
                        : "use the name in the peer's certificate, as osaka or gw.osaka.example");
    }

    static Mode forwardSecrecy(String text) throws BadValue {
        return Mode.of(text)
                .orElseThrow(() -> new BadValue(
                        "`" + text + "` says nothing about forward secrecy",
                        "write \"required\", \"preferred\" or \"off\""));
    }

    static Suite suite(String text) throws BadValue {
        Optional<Suite> suite = Suite.ofLabel(text);
        if (suite.isPresent()) {
            return suite.get();
        }
        List<String> labels = Stream.of(Suite.values()).map(Suite::label).toList();
        throw unknown("suite", text, labels);
    }

    /** "copy" is {@link TrafficClass#COPY_DSCP}, "none" 0 (RFC 2474: default forwarding). */
    static int dscp(String text) throws BadValue {
        if (text.equals("copy")) {
            return TrafficClass.COPY_DSCP;
        }
        if (text.equals("none")) {
            return 0;
        }
        if (!text.matches("[0-9]{1,2}") || Integer.parseInt(text) > MOST_DSCP) {
            throw new BadValue("`" + text + "` is no DSCP", "write \"copy\", \"none\", or a number from 0 to 63");
        }
        return Integer.parseInt(text);
    }

    static String cipherBackend(String text) throws BadValue {
        if (text.equals("null") && Boolean.getBoolean(CipherChoice.BENCHMARK_PROPERTY)) {
            return text; // what the path costs without a cipher; never outside the benchmark
        }
        if (!CIPHER_BACKENDS.contains(text)) {
            throw unknown("cipher backend", text, CIPHER_BACKENDS);
        }
        return text;
    }

    static boolean compresses(String text) throws BadValue {
        if (!COMPRESSIONS.contains(text)) {
            throw unknown("compression", text, COMPRESSIONS);
        }
        return text.equals("zstd");
    }

    static boolean refusesStale(String text) throws BadValue {
        if (!CRL_STALE.contains(text)) {
            throw unknown("value of `crl-stale`", text, CRL_STALE);
        }
        return text.equals("refuse");
    }

    static String fingerprint(String text) throws BadValue {
        if (!FINGERPRINT.matcher(text).matches()) {
            throw new BadValue(
                    "`" + text + "` is not a SHA-256 fingerprint: that is 32 bytes in hex, with or without colons",
                    "read it with `culvert cert show` on the peer's own machine");
        }
        return text;
    }

    static Offloads offloads(String text) throws BadValue {
        return Stream.of(Offloads.values())
                .filter(known -> known.label().equals(text))
                .findFirst()
                .orElseThrow(() -> unknown("kind of offloads", text, Offloads.labels()));
    }

    static int queues(String text) throws BadValue {
        if (text.equals("auto")) {
            return queuesFor(Runtime.getRuntime().availableProcessors());
        }
        if (!text.matches("[0-9]{1,2}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > DataHeader.LANES) {
            throw new BadValue(
                    "`" + text + "` is no number of queues",
                    "write a number from 1 to " + DataHeader.LANES + ", or \"auto\"");
        }
        return Integer.parseInt(text);
    }

    /** Each queue has a thread that seals and one that opens; a second pair on two cores only takes turns with the first. */
    static int queuesFor(int processors) {
        return processors <= 2 ? 1 : Math.min(processors / 2, MOST_AUTO_QUEUES);
    }

    static Prefix network(String text) throws BadValue {
        Prefix prefix;
        try {
            prefix = Prefix.parse(text);
        } catch (IllegalArgumentException e) {
            String[] parts = String.valueOf(e.getMessage()).split("; ", 2);
            throw new BadValue(
                    parts[0], parts.length == 2 ? parts[1] : "write a network like 10.2.0.0/24 or 2001:db8:2::/48");
        }
        for (Prefix never : NEVER_ROUTED) {
            if (never.contains(prefix)) {
                throw new BadValue(
                        prefix + " is inside " + never + ", which is never routed",
                        "name the networks behind the peer");
            }
        }
        return prefix;
    }

    private static BadValue unknown(String what, String text, List<String> known) {
        return new BadValue(
                "unknown " + what + " `" + text + "`",
                Spelling.nearest(text, known)
                        .map(near -> "did you mean \"" + near + "\"?")
                        .orElse("known are " + String.join(", ", known)));
    }
}
