/**
 * Whose network does an address lie in? {@link org.culvert.core.route.RouteTable} answers for the destination of what
 * leaves and for the source of what arrives. Tables are built by the control thread and read by both flow threads.
 * Depends on nothing.
 */
@NullMarked
package org.culvert.core.route;

import org.jspecify.annotations.NullMarked;
