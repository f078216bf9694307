/**
 * Certificates: what a gateway trusts and, apart from it, how a CA issues. The only place that uses Bouncy Castle.
 * Files and clocks come in as arguments; knows neither of the other two modules.
 */
@NullMarked
package org.culvert.keymgmt;

import org.jspecify.annotations.NullMarked;
