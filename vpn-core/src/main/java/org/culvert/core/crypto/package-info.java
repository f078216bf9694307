/**
 * Keys and ciphers: everything between two host keys and a sealed datagram (doc/protocol.md, section "Keys").
 *
 * <p>From the top: {@link org.culvert.core.crypto.PairSecret} is what X25519 or P-256 gives a pair of gateways,
 * {@link org.culvert.core.crypto.DirectionKeys} what it becomes for one direction, hour and suite; both belong to the
 * control thread. {@link org.culvert.core.crypto.KeyEncryption}, {@link org.culvert.core.crypto.KeyBatch} and
 * {@link org.culvert.core.crypto.PacketCipher} are the data path: one thread each, memory addresses in and out, no
 * allocation of our own. {@link org.culvert.core.crypto.CipherChoice} decides at start which backend does the work.
 *
 * <p>Nobody outside this package ever chooses a nonce, sees a Kij or holds a secret as a {@code byte[]}. Depends on
 * the JDK and on {@code org.culvert.tun.memory}; pure but for the optional cipher library that
 * {@link org.culvert.core.crypto.IpsecMbBackend} looks for.
 */
@NullMarked
package org.culvert.core.crypto;

import org.jspecify.annotations.NullMarked;
