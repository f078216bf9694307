/**
 * What a gateway says about itself: one immutable snapshot, written as JSON for programs (a stable schema with a version) and
 * as text for whoever is called at night. Plain types only, so that the snapshot depends on nothing that it reports on; the
 * daemon fills it. Any thread. Depends on jackson-core's writer.
 */
@NullMarked
package org.culvert.core.status;

import org.jspecify.annotations.NullMarked;
