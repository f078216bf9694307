package org.culvert.core.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IpsecMbLibraryTest {
    @ParameterizedTest
    @ValueSource(ints = {0x1_03_00, 0x1_03_01, 0x1_03_ff})
    void knowsTheReleaseItsOffsetsWereReadFrom(int version) {
        assertTrue(IpsecMbLibrary.isKnown(version));
    }

    /** 1.4 has a larger key structure under the same soname; 2.0 has another table. */
    @ParameterizedTest
    @ValueSource(ints = {0, 0x0_03_00, 0x1_02_00, 0x1_04_00, 0x1_05_00, 0x2_03_00, 0x2_00_00, -1})
    void refusesEveryOther(int version) {
        assertFalse(IpsecMbLibrary.isKnown(version));
    }

    @Test
    void namesItsVersion() {
        IpsecMbBackend backend;
        try {
            backend = IpsecMbBackend.load();
        } catch (CipherUnavailableException e) {
            Assumptions.abort(e.getMessage());
            throw e;
        }
        assertEquals("ipsec-mb 1.3", backend.name().substring(0, 12));
    }
}
