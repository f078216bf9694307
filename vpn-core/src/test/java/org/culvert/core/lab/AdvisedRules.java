package org.culvert.core.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.culvert.core.demo.Namespace;

/** The rules for nftables that doc/threats.md gives, as they stand there. */
public final class AdvisedRules {
    private static final Pattern COUNTER = Pattern.compile("counter packets (\\d+)");

    private final Namespace gateway;
    private final Path file;
    private final String table;

    /** @param folder for a copy of them */
    public AdvisedRules(Namespace gateway, String table, Path folder) throws IOException {
        this.gateway = gateway;
        this.table = table;
        String rules = Arrays.stream(Files.readString(Path.of("doc/threats.md")).split("```nft\n"))
                .skip(1)
                .map(rest -> rest.substring(0, rest.indexOf("```")))
                .filter(block -> block.startsWith("table inet " + table + " {"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no table " + table + " in doc/threats.md"));
        file = Files.writeString(folder.resolve(table + ".nft"), rules);
    }

    public void load() throws IOException {
        gateway.run("nft", "-f", file.toString()).succeeded();
    }

    public void unload() throws IOException {
        gateway.run("nft", "delete", "table", "inet", table).succeeded();
    }

    /** What its counters say, in the order of the rules. */
    public long[] counted() throws IOException {
        return COUNTER.matcher(listed())
                .results()
                .mapToLong(count -> Long.parseLong(count.group(1)))
                .toArray();
    }

    /** The table as the kernel has it, whoever loaded it, without what was counted. */
    String inForce() throws IOException {
        return listed().replaceAll("packets \\d+ bytes \\d+", "");
    }

    private String listed() throws IOException {
        return gateway.run("nft", "list", "table", "inet", table).succeeded().out();
    }
}
