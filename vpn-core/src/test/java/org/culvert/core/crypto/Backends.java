package org.culvert.core.crypto;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** What the tests of ciphers run over: every suite of every backend this machine has. */
final class Backends {
    private Backends() {}

    static List<CipherBackend> all() {
        List<CipherBackend> all = new ArrayList<>(List.of(new JceBackend()));
        try {
            all.add(IpsecMbBackend.load());
        } catch (CipherUnavailableException e) {
            if ("true".equals(System.getenv("CI")) && "amd64".equals(System.getProperty("os.arch"))) {
                fail("CI on amd64 must test both backends", e);
            }
        }
        return all;
    }

    static Stream<Arguments> everySuiteOfEveryBackend() {
        return all().stream().flatMap(backend -> Stream.of(Suite.values()).map(suite -> Arguments.of(backend, suite)));
    }

    static ExplicitNonceCipher cipher(CipherBackend backend, Suite suite) {
        return (ExplicitNonceCipher) backend.cipher(suite);
    }
}
