package org.culvert.core.crypto;

import java.nio.ByteBuffer;
import java.security.PrivateKey;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Four DH, of each of our keys with each of theirs: protocol.md, "Epoch keys". The static key may be in hardware, so its two go through
 * the provider; the epoch key's two are computed here.
 */
public final class EpochAgreement {
    private static final int DH_BYTES = 32;

    private final boolean weAreA;
    private final PrivateKey ownStatic;
    private final EpochSecret ownEpoch;

    public EpochAgreement(boolean weAreA, PrivateKey ownStatic, EpochSecret ownEpoch) {
        this.weAreA = weAreA;
        this.ownStatic = ownStatic;
        this.ownEpoch = ownEpoch;
    }

    /**
     * The pair's secret.
     *
     * @param transcript H, which goes into all that is derived
     * @param more the KEM's secret and the pre-shared key, each null where there is none
     */
    public PairSecret with(
            PublicHalf theirStatic, PublicHalf theirEpoch, byte[] transcript, @Nullable SecretBytes... more)
            throws KeyAgreementException {
        byte[] input = new byte[4 * DH_BYTES + bytes(more)];
        byte[] staticStatic = PairSecret.shared(ownStatic, theirStatic.key());
        byte[] staticEpoch = new byte[0];
        byte[] epochStatic = new byte[0];
        byte[] epochEpoch = new byte[0];
        try {
            staticEpoch = PairSecret.shared(ownStatic, theirEpoch.key());
            epochStatic = ownEpoch.agree(theirStatic);
            epochEpoch = ownEpoch.agree(theirEpoch);
            ByteBuffer in = ByteBuffer.wrap(input)
                    .put(staticStatic)
                    .put(weAreA ? epochStatic : staticEpoch) // DH(Ea,Sb)
                    .put(weAreA ? staticEpoch : epochStatic) // DH(Sa,Eb)
                    .put(epochEpoch);
            for (SecretBytes each : more) {
                put(in, each);
            }
            return PairSecret.ofEpoch(input, transcript);
        } finally {
            for (byte[] each : new byte[][] {staticStatic, staticEpoch, epochStatic, epochEpoch, input}) {
                Arrays.fill(each, (byte) 0);
            }
        }
    }

    private static int bytes(@Nullable SecretBytes[] secrets) {
        int bytes = 0;
        for (SecretBytes each : secrets) {
            bytes += each == null ? 0 : each.length();
        }
        return bytes;
    }

    private static void put(ByteBuffer in, @Nullable SecretBytes secret) {
        if (secret != null) {
            byte[] copy = secret.copy();
            in.put(copy);
            Arrays.fill(copy, (byte) 0);
        }
    }
}
