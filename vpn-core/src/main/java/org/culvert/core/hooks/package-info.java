/**
 * Programs of the administrator, run when the gateway or a peer comes or goes. A thread of its own: neither the data path nor the
 * control thread ever waits for them. Knows the configuration, the control thread's events and the log.
 */
@NullMarked
package org.culvert.core.hooks;

import org.jspecify.annotations.NullMarked;
