/**
 * The threats the paper lists in its section 2.2, each tried by somebody on the WAN who sees and sends everything: against the
 * services as they are, where it succeeds, and through Culvert, where it does not.
 */
@NullMarked
package org.culvert.core.lab.threats;

import org.jspecify.annotations.NullMarked;
