@NullMarked
package org.culvert.core.route;

import org.jspecify.annotations.NullMarked;
