package org.culvert.core.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.Supplier;
import org.culvert.tun.memory.OffHeap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CipherChoiceTest {
    private final CipherBackend jce = new JceBackend();

    /** Moved by the fake backends, packet by packet. */
    private long clockNs;

    @AfterEach
    void forgetTheBenchmark() {
        System.clearProperty(CipherChoice.BENCHMARK_PROPERTY);
    }

    @ParameterizedTest
    @MethodSource("org.culvert.core.crypto.Backends#everySuiteOfEveryBackend")
    void everyBackendPassesItsSelfTest(CipherBackend backend, Suite suite) {
        assertNull(SelfTest.fault(backend, suite));
    }

    @Test
    void autoTakesTheFasterOfTwo() {
        CipherBackend fast = new Fake("fast", 100);
        CipherChoice choice = choose("auto", new Fake("jce", 300), () -> fast);
        assertSame(fast, choice.backend(Suite.AES_128_GCM));
        assertSame(fast, choice.backend(Suite.CHACHA20_POLY1305));
        assertEquals("fast: passed its test, faster than jce in the trial at start", choice.reason());
    }

    @Test
    void autoKeepsTheJdkWhenTheLibraryIsSlower() {
        CipherBackend slow = new Fake("jce", 99);
        CipherChoice choice = choose("auto", slow, () -> new Fake("other", 100));
        assertSame(slow, choice.backend(Suite.AES_128_GCM));
        assertEquals("jce: faster than other in the trial at start", choice.reason());
    }

    @Test
    void autoWithoutALibrarySaysWhatIsMissing() {
        CipherChoice choice = choose("auto", jce, () -> {
            throw new CipherUnavailableException("libIPSec_MB.so.1 is not installed");
        });
        assertSame(jce, choice.backend(Suite.AES_256_GCM));
        assertEquals("jce: libIPSec_MB.so.1 is not installed", choice.reason());
    }

    @Test
    void autoTakesNothingFromALibraryThatOpensForgeries() {
        CipherChoice choice = choose("auto", jce, () -> new Fake("gullible", 1) {
            @Override
            int opened(int bytes, int plaintextBytes) {
                return plaintextBytes;
            }
        });
        for (Suite suite : Suite.values()) {
            assertSame(jce, choice.backend(suite));
        }
        assertTrue(
                choice.reason().startsWith("jce: gullible failed its test: aes-128-gcm (opens a forgery)"),
                choice.reason());
    }

    @Test
    void autoLeavesOnlyTheBrokenSuiteToTheJdk() {
        Fake partly = new Fake("partly", 0) {
            @Override
            void sealed(Suite suite, long datagram, int bytes) {
                if (suite == Suite.CHACHA20_POLY1305) {
                    OffHeap.putU8(datagram + bytes - 1, OffHeap.u8(datagram + bytes - 1) ^ 1);
                }
            }
        };
        CipherChoice choice = choose("auto", jce, () -> partly);
        assertSame(partly, choice.backend(Suite.AES_128_GCM));
        assertSame(jce, choice.backend(Suite.CHACHA20_POLY1305));
        assertTrue(
                choice.reason().endsWith("; jce for chacha20-poly1305 (does not open what it sealed)"),
                choice.reason());
    }

    /** Consistent with itself, so that only the known answers can tell: this one takes the next key. */
    @Test
    void noBackendMayAgreeWithItselfOnly() {
        Fake consistent = new Fake("consistent", 1) {
            @Override
            void keyed(long key) {
                OffHeap.putU8(key, OffHeap.u8(key) ^ 1);
            }
        };
        assertEquals("gives a wrong answer", SelfTest.fault(consistent, Suite.AES_128_GCM));
        assertSame(jce, choose("auto", jce, () -> consistent).backend(Suite.AES_128_GCM));
        assertThrows(CipherUnavailableException.class, () -> choose("ipsec-mb", jce, () -> consistent));
        assertThrows(CipherUnavailableException.class, () -> choose("jce", consistent, () -> jce));
    }

    @Test
    void aBackendThatThrowsIsFaulty() {
        CipherBackend broken = new CipherBackend() {
            @Override
            public String name() {
                return "broken";
            }

            @Override
            public PacketCipher cipher(Suite suite) {
                throw new IllegalStateException("illegal instruction");
            }
        };
        assertEquals("fails: illegal instruction", SelfTest.fault(broken, Suite.AES_256_GCM));
        assertSame(jce, choose("auto", jce, () -> broken).backend(Suite.AES_256_GCM));
    }

    @Test
    void aConfiguredBackendIsTakenWithoutATrial() {
        CipherBackend slow = new Fake("slow", 1_000_000);
        assertSame(slow, choose("ipsec-mb", jce, () -> slow).backend(Suite.AES_128_GMAC));
        assertEquals("slow: as configured", choose("ipsec-mb", jce, () -> slow).reason());
        assertEquals("jce: as configured", choose("jce", jce, () -> slow).reason());
    }

    /** Asked for by name, it is not silently replaced: the gateway would run for months at a third of its speed. */
    @Test
    void aConfiguredLibraryThatIsMissingIsAnError() {
        CipherUnavailableException e = assertThrows(
                CipherUnavailableException.class,
                () -> choose("ipsec-mb", jce, () -> {
                    throw new CipherUnavailableException("libIPSec_MB.so.1 is not installed");
                }));
        assertEquals("libIPSec_MB.so.1 is not installed", e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "AUTO", "openssl", "ipsec-mb ", "none"})
    void otherWordsAreRefused(String wanted) {
        assertThrows(IllegalArgumentException.class, () -> CipherChoice.choose(wanted));
    }

    @Test
    void thereIsNoNullCipherOutsideTheBenchmark() {
        assertThrows(CipherUnavailableException.class, () -> CipherChoice.choose("null"));
        System.setProperty(CipherChoice.BENCHMARK_PROPERTY, "false");
        assertThrows(CipherUnavailableException.class, () -> CipherChoice.choose("null"));
    }

    @Test
    void theBenchmarksNullCipherSaysWhatItIs() {
        System.setProperty(CipherChoice.BENCHMARK_PROPERTY, "true");
        CipherChoice choice = CipherChoice.choose("null");
        assertEquals("null", choice.backend(Suite.AES_128_GCM).name());
        assertTrue(choice.reason().contains("NOTHING IS ENCRYPTED"), choice.reason());
    }

    /** It could never be chosen by mistake: the self-test would not let it pass. */
    @Test
    void theNullCipherFailsTheSelfTest() {
        for (Suite suite : Suite.values()) {
            assertEquals("opens a forgery", SelfTest.fault(new NullBackend(), suite));
        }
    }

    @Test
    void autoOnThisMachineGivesEverySuiteABackendThatPasses() {
        CipherChoice choice = CipherChoice.choose("auto");
        for (Suite suite : Suite.values()) {
            assertNull(SelfTest.fault(choice.backend(suite), suite));
        }
        assertFalse(choice.reason().isEmpty());
        assertEquals(1, choice.reason().lines().count());
    }

    private CipherChoice choose(String wanted, CipherBackend first, Supplier<CipherBackend> second) {
        return CipherChoice.choose(wanted, () -> first, second, new SpeedTrial(() -> clockNs));
    }

    /** The JDK's ciphers under another name, with a price in time and a fault for a subclass to put in. */
    private class Fake implements CipherBackend {
        private final String name;
        private final long packetNs;

        Fake(String name, long packetNs) {
            this.name = name;
            this.packetNs = packetNs;
        }

        void keyed(long key) {}

        void sealed(Suite suite, long datagram, int bytes) {}

        int opened(int bytes, int plaintextBytes) {
            return bytes;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public PacketCipher cipher(Suite suite) {
            PacketCipher real = jce.cipher(suite);
            return new PacketCipher() {
                @Override
                public int seal(long key, long datagram, long plaintext, int plaintextBytes) {
                    clockNs += packetNs;
                    keyed(key);
                    int bytes = real.seal(key, datagram, plaintext, plaintextBytes);
                    keyed(key);
                    sealed(suite, datagram, bytes);
                    return bytes;
                }

                @Override
                public int open(long key, long datagram, int datagramBytes, long out) {
                    clockNs += packetNs;
                    keyed(key);
                    int bytes = real.open(key, datagram, datagramBytes, out);
                    keyed(key);
                    return opened(bytes, datagramBytes - suite.headerBytes() - TAG_BYTES);
                }

                @Override
                public void forget() {
                    real.forget();
                }

                @Override
                public void close() {
                    real.close();
                }
            };
        }
    }
}
