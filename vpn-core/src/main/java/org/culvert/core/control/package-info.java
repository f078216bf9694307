/**
 * One thread that owns all change: hours, certificates coming into and going out of validity, routes, endpoints by name, the state
 * file. It publishes snapshots to the flow threads and does all public-key work; it never touches a packet.
 */
@NullMarked
package org.culvert.core.control;

import org.jspecify.annotations.NullMarked;
