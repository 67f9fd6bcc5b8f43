package dev.elbo.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.cuda.OnDevice;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;

/** The example does what it says, and the README shows its code. */
@OnDevice(checked = false)
class MixedKernelsTest {
    @Test
    void findsTheKnownPosterior() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        MixedKernels.Result result;
        try {
            result = MixedKernels.run(new PrintStream(printed, true, StandardCharsets.UTF_8));
        } finally {
            JCudaDriver.setExceptionsEnabled(false);
        }
        assertTrue(result.errorOfMean() < 0.1, result.toString());
        assertTrue(result.errorOfVariance() < 0.1, result.toString());
        assertEquals(result.evidence(), result.elbo(), 0.5, "8 samples an example");
        assertTrue(
                printed.toString(StandardCharsets.UTF_8).startsWith("posterior mean within 0.0"), printed.toString());
    }

    @Test
    void theReadmeShowsThisCode() throws IOException {
        String source = Files.readString(Path.of("src/test/java/dev/elbo/examples/MixedKernels.java"));
        String shown = source.substring(source.indexOf("// [README\n") + 11, source.indexOf("// README]"));
        String excerpt = shown.stripIndent().strip();
        assertTrue(excerpt.lines().count() > 10, excerpt);
        assertTrue(Files.readString(Path.of("README.md")).contains("```java\n" + excerpt + "\n```"), excerpt);
    }
}
