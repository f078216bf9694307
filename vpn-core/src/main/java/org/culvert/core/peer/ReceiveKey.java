package org.culvert.core.peer;

import org.culvert.core.crypto.KeyEncryption;
import org.culvert.core.crypto.Suite;

/**
 * What opens packets of one sender, hour and suite. Immutable but for the AES state inside {@code encryption}, which only the
 * Inbound thread uses.
 */
public record ReceiveKey(Peer peer, int hour, Suite suite, int spi, KeyEncryption encryption) {}
