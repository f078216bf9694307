@NullMarked
package org.culvert.core.crypto;

import org.jspecify.annotations.NullMarked;
