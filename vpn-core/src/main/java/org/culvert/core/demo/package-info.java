/**
 * Two sites on one machine: a host and a gateway each, and an internet between them, all network namespaces. {@link
 * org.culvert.core.demo.Demo} tells the story of {@code culvert demo} on it; the lab tests build on the same parts. The
 * gateways are real processes of the packaged product, so nothing here touches the data path. Runs on the caller's
 * thread, plus one per server and capture. Needs the command {@code ip}; depends on vpn-tun for captures and for
 * entering a namespace.
 */
@NullMarked
package org.culvert.core.demo;

import org.jspecify.annotations.NullMarked;
