package dev.elbo.noise;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same bits from the interpreter, both compilers and every JDK that runs the tests. */
class SameBitsTest {
    @Test
    void theFingerprintHoldsBeforeAndAfterCompilation() {
        for (int i = 0; i < 20; i++) {
            assertEquals(Hashes.NORMALS, Hashes.normals(), "run " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-Xint", "-XX:TieredStopAtLevel=1", "-XX:-TieredCompilation"})
    @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void theFingerprintHoldsInAJvmWith(String option) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classPath = folderOf(Noise.class) + System.getProperty("path.separator") + folderOf(Hashes.class);
        Process child = new ProcessBuilder(java, option, "-cp", classPath, Hashes.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(child.getInputStream().readAllBytes()).strip();
        assertEquals(0, child.waitFor(), option);
        assertEquals(Hashes.NORMALS, printed, option);
    }

    private static String folderOf(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }
}
