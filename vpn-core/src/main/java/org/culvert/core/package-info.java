/**
 * The gateway itself, in the packages below this one: protocol, data path, daemon, command line. Only packages live here.
 */
@NullMarked
package org.culvert.core;

import org.jspecify.annotations.NullMarked;
