/**
 * The daemon's life: configuration and credentials are read and validated whole, and only then is the system touched. Starts the
 * threads, waits for the end, undoes what it made.
 */
@NullMarked
package org.culvert.core.daemon;

import org.jspecify.annotations.NullMarked;
