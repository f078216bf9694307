@NullMarked
package org.culvert.core.doctor;

import org.jspecify.annotations.NullMarked;
