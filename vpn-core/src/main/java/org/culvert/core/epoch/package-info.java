/**
 * Epoch keys: the exchange by which two gateways come to have keys that do not outlive their hour, as protocol.md, "Epoch keys", says it
 * rule by rule. Pure and deterministic: told what time it is, what has come in and what passes; what goes out, and what has to be
 * computed with secrets, goes through interfaces. Control thread.
 */
@NullMarked
package org.culvert.core.epoch;

import org.jspecify.annotations.NullMarked;
