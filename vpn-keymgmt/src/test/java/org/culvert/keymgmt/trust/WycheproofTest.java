package org.culvert.keymgmt.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.TreeSet;
import javax.crypto.KeyAgreement;
import org.culvert.keymgmt.Forge;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The X25519 vectors of C2SP/wycheproof, keys in the encodings that certificates and key files carry. All 537 go through our
 * refusals; those that we let through must agree on the vector's secret.
 */
class WycheproofTest {
    @TempDir
    private Path folder;

    @Test
    void refusesEveryDangerousKeyAndAgreesOnAllOthers() throws Exception {
        int agreed = 0;
        int refused = 0;
        for (JsonNode group : vectors("x25519_asn_test.json").get("testGroups")) {
            for (JsonNode vector : group.get("tests")) {
                var flags = new TreeSet<String>();
                vector.get("flags").forEach(flag -> flags.add(flag.asText()));
                boolean danger = flags.contains("LowOrderPublic")
                        || flags.contains("NonCanonicalPublic")
                        || flags.contains("InvalidPublic")
                        || flags.contains("ZeroSharedSecret");
                byte[] spki = hex(vector, "public");
                String name = "vector " + vector.get("tcId") + " " + flags;
                assertEquals(danger, KeyKind.X25519.fault(spki).isPresent(), name);
                if (flags.contains("MissingOctetString")) {
                    assertThrows(CredentialException.class, () -> key(vector), name);
                    refused++;
                } else if (danger) {
                    refused++;
                } else {
                    KeyAgreement agreement = KeyAgreement.getInstance("X25519");
                    agreement.init(key(vector).privateKey());
                    agreement.doPhase(KeyKind.X25519.publicKey(spki), true);
                    assertEquals(
                            vector.get("shared").asText(), HexFormat.of().formatHex(agreement.generateSecret()), name);
                    agreed++;
                }
            }
        }
        assertEquals(537, agreed + refused);
        assertTrue(refused >= 60, "only " + refused + " refused");
    }

    private HostKey key(JsonNode vector) throws Exception {
        Path file = Forge.pem("PRIVATE KEY", folder.resolve("host.key"), hex(vector, "private"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return HostKey.read(file);
    }

    private static byte[] hex(JsonNode vector, String field) {
        return HexFormat.of().parseHex(vector.get(field).asText());
    }

    /** They lie beside the checkout, not in it. */
    private static JsonNode vectors(String name) throws IOException {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            Path file = at.resolve("shared/vectors").resolve(name);
            if (Files.exists(file)) {
                return new ObjectMapper().readTree(file.toFile());
            }
        }
        String reason = "no ../shared/vectors/" + name + " beside the checkout";
        return "true".equals(System.getenv("CI")) ? fail(reason) : abort(reason);
    }
}
