/**
 * Packets made smaller before they are sealed, where a peer's configuration says so: the host's own libzstd through java.lang.foreign, on
 * the addresses packets lie at. Pure: no I/O. vpn-core/doc/compression.md says what it gives and what it gives away.
 */
@NullMarked
package org.culvert.core.compress;

import org.jspecify.annotations.NullMarked;
