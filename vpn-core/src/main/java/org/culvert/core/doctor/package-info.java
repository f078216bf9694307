/**
 * What stands in the way of packets, as far as this machine can tell: each check looks at one thing and says what to do about it, as a
 * command. It asks kernel, firewall and files, and the daemon if one runs; it changes nothing. Runs in the command's process, in the
 * gateway's network namespace.
 */
@NullMarked
package org.culvert.core.doctor;

import org.jspecify.annotations.NullMarked;
