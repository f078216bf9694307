package org.culvert.core.crypto;

import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/** ChaCha20-Poly1305 through ipsec-mb. One thread. */
final class IpsecMbChaCha20 extends ExplicitNonceCipher {
    static final int MEMORY_BYTES = IpsecMbLibrary.CONTEXT_BYTES + TAG_BYTES;

    private final IpsecMbLibrary library;

    /** The only place with anything of a key. */
    final Region memory = new Region(MEMORY_BYTES);

    private final long context = memory.address();
    private final long computedTag = context + IpsecMbLibrary.CONTEXT_BYTES;

    IpsecMbChaCha20(IpsecMbLibrary library) {
        super(Suite.CHACHA20_POLY1305);
        this.library = library;
    }

    @Override
    void seal(long key, long nonce, long datagram, int headerBytes, long plaintext, int plaintextBytes) {
        long body = datagram + headerBytes;
        library.chachaBegin(key, context, nonce, datagram, headerBytes);
        library.chachaEncrypt(key, context, body, plaintext, plaintextBytes);
        library.chachaFinish(context, body + plaintextBytes);
    }

    @Override
    boolean open(long key, long nonce, long datagram, int headerBytes, int plaintextBytes, long out) {
        long body = datagram + headerBytes;
        library.chachaBegin(key, context, nonce, datagram, headerBytes);
        library.chachaDecrypt(key, context, out, body, plaintextBytes);
        library.chachaFinish(context, computedTag);
        return IpsecMbBackend.authentic(computedTag, body + plaintextBytes, out, plaintextBytes);
    }

    @Override
    public void forget() {
        OffHeap.fill(context, MEMORY_BYTES, 0);
    }

    @Override
    public void close() {
        memory.close();
        super.close();
    }
}
