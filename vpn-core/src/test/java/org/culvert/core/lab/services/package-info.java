/**
 * What people run between sites, with unmodified daemons and clients from Debian: each works through Culvert without a line
 * of configuration about it, and on the WAN nothing of it can be read. The same runs without Culvert, where it can.
 */
@NullMarked
package org.culvert.core.lab.services;

import org.jspecify.annotations.NullMarked;
