package org.culvert.core.policy;

import java.util.Optional;

/**
 * Whether a packet that starts a flow may pass.
 *
 * @param rule the rule that lets it; empty when it is the peer's default that decides
 */
public record Verdict(boolean passes, Optional<String> rule) {}
