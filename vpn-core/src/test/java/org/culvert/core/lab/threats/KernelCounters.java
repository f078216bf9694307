package org.culvert.core.lab.threats;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.culvert.core.demo.Namespace;

/** What a machine's kernel has counted, by the names /proc/net gives: {@code UdpRcvbufErrors}, {@code TcpExtIPReversePathFilter}. Immutable. */
final class KernelCounters {
    /** Columns of /proc/net/dev behind the interface's name: 8 of receiving, then bytes, packets, errors, drops of sending. */
    private static final int SENT_DROPPED = 11;

    private static final Path FILES = Path.of("/proc/thread-self/net");

    private final Map<String, Long> counts = new TreeMap<>();

    private KernelCounters() throws Exception {
        pairsOfLines(Files.readAllLines(FILES.resolve("snmp")));
        pairsOfLines(Files.readAllLines(FILES.resolve("netstat")));
        interfaces(Files.readAllLines(FILES.resolve("dev")));
    }

    static KernelCounters of(Namespace machine) throws Exception {
        return machine.inside(KernelCounters::new);
    }

    /** A line of names, then one of values, both behind the protocol's name. */
    private void pairsOfLines(List<String> lines) {
        for (int line = 0; line + 1 < lines.size(); line += 2) {
            String[] names = lines.get(line).split(" ");
            String[] values = lines.get(line + 1).split(" ");
            for (int i = 1; i < names.length; i++) {
                counts.put(names[0].replace(":", "") + names[i], Long.parseLong(values[i]));
            }
        }
    }

    private void interfaces(List<String> lines) {
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                String[] columns = line.substring(colon + 1).strip().split(" +");
                counts.put("dropped by " + line.substring(0, colon).strip(), Long.parseLong(columns[SENT_DROPPED]));
            }
        }
    }

    long count(String name) {
        return counts.getOrDefault(name, 0L);
    }

    /** How much a counter has grown since then; 0 for what is gone meanwhile. */
    long since(KernelCounters before, String name) {
        return counts.containsKey(name) ? count(name) - before.count(name) : 0;
    }
}
