/** What no run of two daemons can show, since it holds for all runs: a model of the protocol in {@code src/model}, searched by spin. */
@NullMarked
package org.culvert.core.lab.model;

import org.jspecify.annotations.NullMarked;
