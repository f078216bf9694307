@NullMarked
package org.culvert.core.group;

import org.jspecify.annotations.NullMarked;
