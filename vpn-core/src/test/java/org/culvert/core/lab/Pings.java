package org.culvert.core.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Namespace;

/** What {@code ping} of iputils reported. */
record Pings(int sent, int received, String said) {
    private static final Pattern SUMMARY = Pattern.compile("(\\d+) packets transmitted, (\\d+) received");

    /**
     * Sends {@code count} echo requests 10 ms apart and waits up to 2 s for the last answer.
     *
     * @param options further options of ping: {@code -s BYTES}, {@code -M do}
     */
    static Pings send(Namespace machine, String address, int count, String... options) throws Exception {
        var command = new ArrayList<>(List.of("ping", "-n", "-i", "0.01", "-W", "2", "-c", Integer.toString(count)));
        command.addAll(List.of(options));
        command.add(address);
        Finished ping = machine.run(command);
        Matcher summary = SUMMARY.matcher(ping.out());
        return summary.find()
                ? new Pings(
                        Integer.parseInt(summary.group(1)), Integer.parseInt(summary.group(2)), ping.out() + ping.err())
                : new Pings(0, 0, ping.out() + ping.err());
    }
}
