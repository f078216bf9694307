/**
 * What may pass between the sites. {@link org.culvert.core.policy.Rule}s as they were configured are compiled by the control thread into
 * an immutable {@link org.culvert.core.policy.Policy}, which every flow thread asks through a {@link org.culvert.core.policy.PolicyCheck}
 * of its own; what a rule let pass is remembered in {@link org.culvert.core.policy.Flows}, so that answers find their way back. Pure: no
 * input or output, no clock; depends on {@code packet}, {@code route} and keymgmt's {@code Prefix}. Without rules there is no policy at
 * all, and a packet pays one comparison with null.
 */
@NullMarked
package org.culvert.core.policy;

import org.jspecify.annotations.NullMarked;
