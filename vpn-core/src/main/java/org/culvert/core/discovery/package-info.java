/**
 * Certificates over the wire, before there are keys: asks peers that are configured without one, and answers who asks. One thread of
 * its own, since a flood of requests must hold up neither packets nor control; what it receives comes from Inbound over a bounded
 * ring, what it found out goes to the control thread, which alone believes anything. Knows nothing of configuration and files.
 */
@NullMarked
package org.culvert.core.discovery;

import org.jspecify.annotations.NullMarked;
