package dev.elbo.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.cuda.OnDevice;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;

/** The example does what it says. */
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
}
