package org.culvert.core.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration that is refused, with all that is wrong with it. The message has one line per finding. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Finding> findings;

    public ConfigException(List<Finding> findings) {
        super(findings.stream().map(Finding::toString).collect(Collectors.joining("\n")));
        this.findings = List.copyOf(findings);
    }

    /** In the order of their lines; never empty. */
    public List<Finding> findings() {
        return findings;
    }
}
