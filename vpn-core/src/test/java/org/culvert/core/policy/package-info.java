@NullMarked
package org.culvert.core.policy;

import org.jspecify.annotations.NullMarked;
