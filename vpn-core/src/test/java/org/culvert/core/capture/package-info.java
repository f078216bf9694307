@NullMarked
package org.culvert.core.capture;

import org.jspecify.annotations.NullMarked;
