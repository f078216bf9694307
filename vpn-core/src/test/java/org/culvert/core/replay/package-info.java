@NullMarked
package org.culvert.core.replay;

import org.jspecify.annotations.NullMarked;
