/**
 * The command line: one class per command, each a thin layer over the package that does the work. Commands answer on
 * stdout, complain on stderr and say by their exit code what happened: 0 done, 1 the answer is no, 2 wrong use or
 * configuration, 3 the system refused.
 */
@NullMarked
package org.culvert.core.cli;

import org.jspecify.annotations.NullMarked;
