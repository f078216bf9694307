package org.culvert.core.lab;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Namespace;

/** What {@code ping} of iputils reported. */
public record Pings(int sent, int received, String said) {
    private static final Pattern SUMMARY = Pattern.compile("(\\d+) packets transmitted, (\\d+) received");

    /** Sends each after the answer to the one before, so that no two cross the WAN in one uncut frame. */
    public static Pings oneByOne(Namespace machine, String address, int count) throws Exception {
        int received = 0;
        var said = new StringBuilder();
        for (int i = 0; i < count; i++) {
            Pings one = send(machine, address, 1);
            received += one.received;
            said.append(one.said);
        }
        return new Pings(count, received, said.toString());
    }

    /** Sends one every {@code intervalMs}, whatever is answered. */
    public static Pings steadily(Namespace machine, String address, int count, int intervalMs) throws IOException {
        return steadily(machine, address, count, intervalMs, 1);
    }

    /** @param patienceS how long the last answers are waited for */
    public static Pings steadily(Namespace machine, String address, int count, int intervalMs, int patienceS)
            throws IOException {
        String interval = Double.toString(intervalMs / 1000.0);
        String patience = Integer.toString(patienceS);
        return run(
                machine, List.of("ping", "-n", "-i", interval, "-W", patience, "-c", Integer.toString(count), address));
    }

    /**
     * Sends {@code count} echo requests at once. Ping waits for the last answer for twice the longest round trip or its
     * interval, whichever is longer: hence the interval, although nothing is ever sent after one.
     *
     * @param options further options of ping: {@code -s BYTES}, {@code -M do}
     */
    public static Pings send(Namespace machine, String address, int count, String... options) throws Exception {
        String all = Integer.toString(count);
        var command = new ArrayList<>(List.of("ping", "-n", "-l", all, "-i", "1", "-W", "1", "-c", all));
        command.addAll(List.of(options));
        command.add(address);
        return run(machine, command);
    }

    private static Pings run(Namespace machine, List<String> command) throws IOException {
        Finished ping = machine.run(command);
        Matcher summary = SUMMARY.matcher(ping.out());
        return summary.find()
                ? new Pings(
                        Integer.parseInt(summary.group(1)), Integer.parseInt(summary.group(2)), ping.out() + ping.err())
                : new Pings(0, 0, ping.out() + ping.err());
    }
}
