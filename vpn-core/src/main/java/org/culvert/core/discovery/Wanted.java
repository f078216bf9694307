package org.culvert.core.discovery;

import org.culvert.tun.Endpoint;

/**
 * A peer whose certificates are to be fetched.
 *
 * @param from where it is
 * @param urgent whether the peer is down without; else there is time
 */
public record Wanted(String peer, Endpoint from, boolean urgent) {}
