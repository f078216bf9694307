/**
 * How certificates come to be: requests, the CA and its journal, revocation lists. Only commands use it; a gateway cannot sign.
 * Runs on the command's one thread; what is in a CA's folder changes only under that folder's lock, so several commands may run at
 * once. May depend on the trust side, the JDK and Bouncy Castle.
 */
@NullMarked
package org.culvert.keymgmt.issue;

import org.jspecify.annotations.NullMarked;
