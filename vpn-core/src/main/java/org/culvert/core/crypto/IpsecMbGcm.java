package org.culvert.core.crypto;

import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/** AES-GCM, and GMAC as GCM without a plaintext, through ipsec-mb. One thread. */
final class IpsecMbGcm extends ExplicitNonceCipher {
    static final int MEMORY_BYTES = IpsecMbLibrary.GCM_KEY_BYTES + IpsecMbLibrary.CONTEXT_BYTES + TAG_BYTES;

    private final IpsecMbLibrary.Gcm gcm;

    /** The only place with anything of a key. */
    final Region memory = new Region(MEMORY_BYTES);

    private final long expanded = memory.address();
    private final long context = expanded + IpsecMbLibrary.GCM_KEY_BYTES;
    private final long computedTag = context + IpsecMbLibrary.CONTEXT_BYTES;

    IpsecMbGcm(Suite suite, IpsecMbLibrary.Gcm gcm) {
        super(suite);
        this.gcm = gcm;
    }

    @Override
    void seal(long key, long nonce, long datagram, int headerBytes, long plaintext, int plaintextBytes) {
        gcm.expand(key, expanded);
        long body = datagram + headerBytes;
        long tag = body + plaintextBytes;
        if (suite.encrypts()) {
            gcm.encrypt(expanded, context, body, plaintext, plaintextBytes, nonce, datagram, headerBytes, tag);
        } else {
            OffHeap.copy(plaintext, body, plaintextBytes);
            gcm.encrypt(expanded, context, body, body, 0, nonce, datagram, (long) headerBytes + plaintextBytes, tag);
        }
    }

    @Override
    boolean open(long key, long nonce, long datagram, int headerBytes, int plaintextBytes, long out) {
        gcm.expand(key, expanded);
        long body = datagram + headerBytes;
        if (suite.encrypts()) {
            gcm.decrypt(expanded, context, out, body, plaintextBytes, nonce, datagram, headerBytes, computedTag);
        } else {
            OffHeap.copy(body, out, plaintextBytes);
            gcm.decrypt(
                    expanded, context, out, body, 0, nonce, datagram, (long) headerBytes + plaintextBytes, computedTag);
        }
        return IpsecMbBackend.authentic(computedTag, body + plaintextBytes, out, plaintextBytes);
    }

    @Override
    public void forget() {
        OffHeap.fill(expanded, MEMORY_BYTES, 0);
    }

    @Override
    public void close() {
        memory.close();
        super.close();
    }
}
