package org.culvert.core.peer;

import org.culvert.core.crypto.KeyEncryption;
import org.culvert.core.crypto.Suite;

/**
 * What opens packets of one sender, hour and suite. Immutable but for the AES state inside {@code encryption}, which only the
 * Inbound thread uses.
 *
 * @param controlOnly the peer's data may not come under this suite, but what its gateway itself has to say does
 */
public record ReceiveKey(Peer peer, int hour, Suite suite, int spi, KeyEncryption encryption, boolean controlOnly) {}
