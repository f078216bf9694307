/** Tests on the packaged product: real processes, interfaces and network namespaces. Most need root. */
@NullMarked
package org.culvert.core.lab;

import org.jspecify.annotations.NullMarked;
