/** How often something may happen that others can cause: packets to a group, answers to strangers, log lines. Pure: told what time it is. */
@NullMarked
package org.culvert.core.pace;

import org.jspecify.annotations.NullMarked;
