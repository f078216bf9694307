package org.culvert.core.policy;

/** Ports from {@code first} to {@code last}, both included. */
public record PortRange(int first, int last) {
    public static final int HIGHEST = 65_535;

    public PortRange {
        if (first < 0 || last > HIGHEST || first > last) {
            throw new IllegalArgumentException("not a range of ports: " + first + "-" + last);
        }
    }

    public boolean holds(int port) {
        return port >= first && port <= last;
    }

    public boolean holds(PortRange other) {
        return holds(other.first) && holds(other.last);
    }

    @Override
    public String toString() {
        return first == last ? Integer.toString(first) : first + "-" + last;
    }
}
