@NullMarked
package org.culvert.core.ping;

import org.jspecify.annotations.NullMarked;
