/**
 * What a gateway believes: host certificates, the CAs it trusts, what makes a chain good, its own key. Everything here is
 * immutable after it was read and may be shared by threads; reading and checking cost public-key work and belong on
 * the control thread. May depend on the JDK and on Bouncy Castle's ASN.1 classes, never on the issuing side.
 */
@NullMarked
package org.culvert.keymgmt.trust;

import org.jspecify.annotations.NullMarked;
