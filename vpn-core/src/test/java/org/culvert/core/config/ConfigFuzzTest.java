package org.culvert.core.config;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.file.Path;

/** What ConfigMutationTest does blindly, guided by coverage: JAZZER_FUZZ=1. */
class ConfigFuzzTest {
    @FuzzTest
    void isReadOrRefused(String text) {
        Path file = Path.of("culvert.toml");
        try {
            ConfigFile.load(file, text, new Findings(file));
        } catch (ConfigException refused) {
            // what a broken file is for
        }
    }
}
