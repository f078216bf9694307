package org.culvert.core.crypto;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which backend seals and opens, decided once at start. A suite goes to a backend only after that one gave known
 * answers for it and refused forgeries ({@link SelfTest}); between two that did, speed decides ({@link SpeedTrial}).
 * Immutable; any thread.
 */
public final class CipherChoice {
    /** Set to true by the benchmark in the JVMs it starts, and nowhere else: without it there is no null cipher. */
    public static final String BENCHMARK_PROPERTY = "culvert.benchmark";

    private final Map<Suite, CipherBackend> backends;
    private final String reason;

    private CipherChoice(Map<Suite, CipherBackend> backends, String reason) {
        this.backends = backends;
        this.reason = reason;
    }

    /**
     * Tests and chooses. Takes some ten milliseconds.
     *
     * @param wanted {@code [gateway] cipher-backend}: "auto", "jce" or "ipsec-mb"; "null" in a benchmark only
     * @throws CipherUnavailableException when that backend cannot be used, or no backend can; says what to do
     * @throws IllegalArgumentException for any other word
     */
    public static CipherChoice choose(String wanted) {
        return choose(wanted, JceBackend::new, IpsecMbBackend::load, new SpeedTrial(System::nanoTime));
    }

    static CipherChoice choose(
            String wanted, Supplier<CipherBackend> jce, Supplier<CipherBackend> ipsecMb, SpeedTrial trial) {
        return switch (wanted) {
            case "auto" -> best(jce.get(), ipsecMb, trial);
            case "jce" -> only(jce.get());
            case "ipsec-mb" -> only(ipsecMb.get());
            case "null" -> nothing();
            default ->
                throw new IllegalArgumentException("cipher-backend \"" + wanted + "\" is none of auto, jce, ipsec-mb");
        };
    }

    /** Whether Intel's library can be loaded here. */
    public static boolean ipsecMbIsThere() {
        try {
            IpsecMbBackend.load();
            return true;
        } catch (CipherUnavailableException e) {
            return false;
        }
    }

    /** The backend of a suite. */
    public CipherBackend backend(Suite suite) {
        CipherBackend backend = backends.get(suite);
        if (backend == null) {
            throw new IllegalStateException("no backend for " + suite);
        }
        return backend;
    }

    /** What was chosen and why, in one line for log and status. */
    public String reason() {
        return reason;
    }

    private static CipherChoice best(CipherBackend jce, Supplier<CipherBackend> ipsecMb, SpeedTrial trial) {
        CipherBackend nativeOne;
        try {
            nativeOne = ipsecMb.get();
        } catch (CipherUnavailableException e) {
            return new CipherChoice(all(jce), "jce: " + e.getMessage());
        }
        List<String> faults = new ArrayList<>();
        Map<Suite, CipherBackend> chosen = new EnumMap<>(Suite.class);
        for (Suite suite : Suite.values()) {
            String fault = SelfTest.fault(nativeOne, suite);
            if (fault == null) {
                chosen.put(suite, nativeOne);
            } else {
                faults.add(suite.label() + " (" + fault + ')');
            }
        }
        if (!chosen.containsKey(Suite.AES_128_GCM)) {
            return new CipherChoice(
                    all(jce), "jce: " + nativeOne.name() + " failed its test: " + String.join(", ", faults));
        }
        if (SelfTest.fault(jce, Suite.AES_128_GCM) == null && !trial.isFaster(nativeOne, jce, Suite.AES_128_GCM)) {
            return new CipherChoice(all(jce), "jce: faster than " + nativeOne.name() + " in the trial at start");
        }
        for (Suite suite : Suite.values()) {
            chosen.computeIfAbsent(suite, missing -> tested(jce, missing));
        }
        String reason = nativeOne.name() + ": passed its test, faster than jce in the trial at start";
        return new CipherChoice(chosen, faults.isEmpty() ? reason : reason + "; jce for " + String.join(", ", faults));
    }

    private static CipherChoice only(CipherBackend backend) {
        return new CipherChoice(all(backend), backend.name() + ": as configured");
    }

    private static CipherChoice nothing() {
        if (!Boolean.getBoolean(BENCHMARK_PROPERTY)) {
            throw new CipherUnavailableException(
                    "cipher-backend \"null\" encrypts nothing and is for the benchmark only;"
                            + " use auto, jce or ipsec-mb");
        }
        Map<Suite, CipherBackend> none = new EnumMap<>(Suite.class);
        for (Suite suite : Suite.values()) {
            none.put(suite, new NullBackend());
        }
        return new CipherChoice(none, "null: NOTHING IS ENCRYPTED OR CHECKED, benchmark only");
    }

    private static Map<Suite, CipherBackend> all(CipherBackend backend) {
        Map<Suite, CipherBackend> all = new EnumMap<>(Suite.class);
        for (Suite suite : Suite.values()) {
            all.put(suite, tested(backend, suite));
        }
        return all;
    }

    private static CipherBackend tested(CipherBackend backend, Suite suite) {
        @Nullable String fault = SelfTest.fault(backend, suite);
        if (fault != null) {
            throw new CipherUnavailableException(backend.name() + ": " + suite.label() + ' ' + fault
                    + "; this machine, its JDK or its library is broken");
        }
        return backend;
    }
}
