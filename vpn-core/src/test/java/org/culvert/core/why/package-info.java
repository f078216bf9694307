@NullMarked
package org.culvert.core.why;

import org.jspecify.annotations.NullMarked;
