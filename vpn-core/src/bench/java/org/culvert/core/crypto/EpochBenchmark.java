package org.culvert.core.crypto;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.util.concurrent.TimeUnit;
import org.culvert.keymgmt.trust.KeyKind;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What an epoch costs: once its own keys, and with each peer a pair's master secret, on the side that encapsulates and on the other. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class EpochBenchmark {
    @Param({"X25519", "P256"})
    private KeyKind kind;

    private final SecureRandom random = new SecureRandom();
    private final byte[] transcript = new byte[32];
    private EpochSecret own;
    private EpochSecret theirs;
    private EpochAgreement agreement;
    private PublicHalf theirStatic;
    private PublicHalf theirEpoch;
    private byte[] ciphertext;

    @Setup
    public void prepare() throws Exception {
        own = EpochSecret.draw(kind, random);
        theirs = EpochSecret.draw(kind, random);
        agreement = new EpochAgreement(true, generate().getPrivate(), own);
        theirStatic = PublicHalf.ofSpki(generate().getPublic().getEncoded());
        theirEpoch = PublicHalf.of(kind, theirs.publicKey());
        try (Encapsulated kem = Encapsulated.to(own.kemKey(), random)) {
            ciphertext = kem.ciphertext();
        }
    }

    @TearDown
    public void close() {
        own.close();
        theirs.close();
    }

    /** Key pair and KEM key of an epoch. */
    @Benchmark
    public byte[] draw() {
        try (EpochSecret drawn = EpochSecret.draw(kind, random)) {
            return drawn.publicKey();
        }
    }

    /** Four DH. */
    @Benchmark
    public void pair() throws Exception {
        agreement.with(theirStatic, theirEpoch, transcript).close();
    }

    /** Four DH, and the secret for the other side's KEM key. */
    @Benchmark
    public byte[] pairAnswering() throws Exception {
        try (Encapsulated kem = Encapsulated.to(theirs.kemKey(), random)) {
            agreement.with(theirStatic, theirEpoch, transcript, kem.secret()).close();
            return kem.ciphertext();
        }
    }

    /** Four DH, and the secret out of the other side's ciphertext. */
    @Benchmark
    public void pairAsking() throws Exception {
        try (SecretBytes secret = own.decapsulate(ciphertext)) {
            agreement.with(theirStatic, theirEpoch, transcript, secret).close();
        }
    }

    private KeyPair generate() throws Exception {
        if (kind == KeyKind.X25519) {
            return KeyPairGenerator.getInstance("X25519").generateKeyPair();
        }
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }
}
