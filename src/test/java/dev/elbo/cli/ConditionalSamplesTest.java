package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.analysis.Probe;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.io.Npy;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether samples of a class are of that class, by the probe's classifier on the pixels of real digits. */
@Tag("thorough")
class ConditionalSamplesTest {
    private static final int EACH = 100;

    @TempDir
    private Path folder;

    @Test
    void aClassifierOfRealDigitsCallsSamplesWhatTheyShouldBe() {
        Path run = folder.resolve("run");
        elbo("train --data digits --conditional --likelihood bernoulli --backend cpu --seed 0 --out " + run);
        Split digits = Split.read("digits");
        Probe probe = new Probe(5, 0);
        double real = probe.run(part(digits.train()), part(digits.test().orElseThrow()))
                .accuracy();
        assertTrue(real >= 0.9, "the classifier's own accuracy: " + real);
        int[] asked = IntStream.range(0, 10 * EACH).map(i -> i / EACH).toArray();
        Path file = folder.resolve("samples.npy");
        elbo("sample " + run + " --backend cpu --count " + EACH + " --out " + file);
        double[] pixels = Npy.read(file).values();
        float[] samples = new float[pixels.length];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (float) pixels[i];
        }
        Probe.Result result = probe.run(part(digits.train()), new Probe.Part(samples, 64, asked));
        double least = IntStream.range(0, 10).mapToDouble(result::recall).min().orElseThrow();
        assertTrue(result.accuracy() >= 0.9 && least >= 0.8, result.confusion().toString());
    }

    private static void elbo(String command) {
        Result.of(command.split(" ")).mustWork();
    }

    private static Probe.Part part(Dataset data) {
        return new Probe.Part(data.values(), data.features(), data.labels().orElseThrow());
    }
}
