package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.analysis.Inference;
import dev.elbo.backend.Backend;
import dev.elbo.cpu.CpuBackend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.examples.OnnxDecoder;
import dev.elbo.io.Npy;
import dev.elbo.net.ModelFile;
import dev.elbo.net.TinyModel;
import dev.elbo.onnx.OnnxRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Export as a user calls it, on a model of the digits. */
class ExportCommandTest {
    private static final int CODES = 50;

    @TempDir
    private static Path run;

    @TempDir
    private Path folder;

    private static Result elbo(String... args) {
        return Result.of(args);
    }

    @BeforeAll
    static void train() {
        Result result =
                elbo(("train --hidden 64,32 --latent 8 --likelihood bernoulli --epochs 3 --backend cpu --out " + run)
                        .split(" "));
        assertEquals(0, result.code(), result.err());
    }

    @Test
    void theDecoderDrawsTheSameDigitsElsewhere() throws Exception {
        Path file = folder.resolve("decoder.onnx");
        Result result = elbo("export", run.toString(), "--part", "decoder", "--out", file.toString());
        assertEquals(0, result.code(), result.err());
        assertEquals(file + ": z (batch, 8) -> x_mean (batch, 64), x_logits (batch, 64)\n", result.out());
        float[][] codes = new float[CODES][8];
        float[] flat = new float[CODES * 8];
        double[] normals = TinyModel.normals(7, flat.length);
        for (int i = 0; i < flat.length; i++) {
            flat[i] = (float) normals[i];
            codes[i / 8][i % 8] = flat[i];
        }
        float[] ours;
        try (Backend backend = new CpuBackend(1);
                ModelFile.Loaded loaded = ModelFile.read(run.resolve("model.safetensors"), backend)) {
            ours = new Inference(loaded.vae(), 0).decode(flat);
        }
        float[][] theirs = OnnxDecoder.decode(file.toString(), codes);
        double spread = 0;
        for (int i = 0; i < CODES; i++) {
            float[] row = Arrays.copyOfRange(ours, i * 64, i * 64 + 64);
            // products of at most 64 terms through three layers: some 1e-6 on a logit, a quarter of it on a mean
            assertArrayEquals(row, theirs[i], 1e-6f);
            for (int d = 0; d < 64; d++) {
                spread = Math.max(spread, Math.abs(row[d] - ours[d]));
            }
        }
        assertTrue(spread > 0.1, "codes make a difference");
    }

    @Test
    void theWholeModelGivesTheCodesAndReconstructionsOfOurCommands() throws Exception {
        Path file = folder.resolve("whole.onnx");
        Result result = elbo("export", run + "/model.safetensors", "--format", "onnx", "--out", file.toString());
        assertEquals(0, result.code(), result.err());
        assertTrue(result.out().startsWith(file + ": x (batch, 64), noise (batch, 8) -> x_mean (batch, 64)"));
        for (String command : new String[] {"encode", "reconstruct"}) {
            String[] args = {command, run.toString(), "--backend", "cpu", "--out", folder + "/" + command + ".npy"};
            assertEquals(0, elbo(args).code());
        }
        double[] codes = Npy.read(folder.resolve("encode.npy")).values();
        double[] reconstructions = Npy.read(folder.resolve("reconstruct.npy")).values();
        int rows = codes.length / 8;
        Dataset digits = Split.read("digits").test().orElseThrow();
        assertEquals(digits.size(), rows);
        float[] x = new float[rows * 64];
        for (int i = 0; i < rows; i++) {
            System.arraycopy(digits.row(i), 0, x, i * 64, 64);
        }
        try (OnnxRuntime runtime = new OnnxRuntime(Files.readAllBytes(file))) {
            Map<String, float[]> outputs = runtime.run(rows, Map.of("x", x, "noise", new float[rows * 8]));
            assertClose(codes, outputs.get("mu"));
            assertClose(codes, outputs.get("z"));
            assertClose(reconstructions, outputs.get("x_mean"));
        }
    }

    private static void assertClose(double[] expected, float[] actual) {
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < actual.length; i++) {
            assertEquals(expected[i], actual[i], 1e-5 * Math.max(1, Math.abs(expected[i])));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "RUN --out OUT/m.onnx --format tflite | 2 | one of [ONNX]",
                "RUN --out OUT/m.onnx --part head     | 2 | one of [ENCODER, DECODER, WHOLE]",
                "RUN                                  | 2 | --out",
                "RUN --out RUN/model.safetensors      | 2 | is the file that is read",
                "OUT/none --out OUT/m.onnx            | 3 | no such file",
                "RUN/config.json --out OUT/m.onnx     | 3 | safetensors",
                "RUN --out OUT/missing/m.onnx         | 7 | could not be written",
                "RUN --out OUT                        | 7 | folder",
            })
    void whatIsWrongIsSaid(String command, int code, String words) throws IOException {
        Result result = elbo(("export " + command.trim())
                .replace("RUN", run.toString())
                .replace("OUT", folder.toString())
                .split(" +"));
        assertEquals(code, result.code(), result.err());
        assertTrue(result.err().contains(words), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(0, left.count());
        }
    }
}
