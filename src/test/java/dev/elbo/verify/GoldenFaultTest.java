package dev.elbo.verify;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.Backend;
import dev.elbo.error.ElboException;
import dev.elbo.io.Npy;
import dev.elbo.io.NpyArray;
import dev.elbo.reference.ReferenceBackend;
import dev.elbo.reference.ReferenceVariant;
import dev.elbo.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults planted in golden cases: each must be found. */
class GoldenFaultTest {
    @TempDir
    Path folder;

    private void copy(String name) throws IOException {
        try (Stream<Path> files = Files.list(GoldenTest.CASES.resolve(name))) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
    }

    @BeforeEach
    void aGoodCase() throws IOException {
        copy("vae-tanh-gaussian-beta1");
    }

    private void another(String name) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        copy(name);
    }

    private List<TensorResult> run() {
        try (Backend candidate = new ReferenceBackend();
                Backend oracle = new ReferenceBackend()) {
            return GoldenRunner.run(folder, candidate, oracle);
        }
    }

    private void assertRefused(String file, String why) {
        ElboException e = assertThrows(ElboException.class, this::run);
        assertEquals(ElboException.Kind.DATA, e.kind());
        assertTrue(e.getMessage().contains(folder.resolve(file).toString()), e.getMessage());
        assertTrue(e.getMessage().contains(why), e.getMessage());
    }

    private Path npy(String name) {
        return folder.resolve(name + ".npy");
    }

    private void describe(String from, String to) throws IOException {
        Path file = folder.resolve("case.json");
        String text = Files.readString(file).replaceAll("\\s", "");
        assertTrue(text.contains(from), text);
        Files.writeString(file, text.replace(from, to));
    }

    /** Every expected array of every kind: one perturbed by 1e-6 is found, and no other is blamed. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "vae-tanh-gaussian-beta1",
                "vae2-tanh-gaussian-optimal-h6-beta1-sampled",
                "vae3-tanh-gaussian-learned-h7x5-beta0.5-each",
                "iwae3-tanh-bernoulli",
                "ae-sigmoid-gaussian-optimal-h7",
                "adam20-relu-bernoulli"
            })
    void aPerturbedArrayIsFound(String name) throws IOException {
        another(name);
        Set<String> tensors = new HashSet<>();
        run().forEach(result -> tensors.add(result.tensor()));
        for (String tensor : tensors) {
            NpyArray array = Npy.read(npy(tensor));
            double[] moved =
                    Arrays.stream(array.values()).map(v -> v * (1 + 1e-6)).toArray();
            Npy.write(npy(tensor), array.shape(), moved);
            assertEquals(
                    List.of(tensor),
                    run().stream()
                            .filter(result -> !result.ok())
                            .map(TensorResult::tensor)
                            .toList());
            Npy.write(npy(tensor), array.shape(), array.values());
        }
    }

    /** A float32 backend is held less tightly, but held. */
    @Test
    void aFloat32BackendIsHeldToFilesAndOracle() throws IOException {
        NpyArray z = Npy.read(npy("z"));
        Npy.write(
                npy("z"),
                z.shape(),
                Arrays.stream(z.values()).map(v -> v * (1 + 2e-5)).toArray());
        List<String> failed;
        try (Backend rounded = ReferenceVariant.rounded();
                Backend sick = ReferenceVariant.rounded("reparameterize", (healthy, args, ops) -> () -> {
                    healthy.run();
                    Tensor samples = (Tensor) args[3];
                    samples.write(Arrays.stream(samples.toDoubles())
                            .map(v -> v * (1 + 2e-5))
                            .toArray());
                });
                Backend oracle = new ReferenceBackend()) {
            failed = failed(GoldenRunner.run(folder, rounded, oracle));
            assertEquals(List.of("z"), failed);
            failed = failed(GoldenRunner.run(folder, sick, oracle));
            assertTrue(failed.contains("z to reference"), failed.toString());
            assertThrows(IllegalArgumentException.class, () -> GoldenRunner.run(folder, rounded, sick));
        }
    }

    private static List<String> failed(List<TensorResult> results) {
        return results.stream()
                .filter(result -> !result.ok())
                .map(TensorResult::tensor)
                .toList();
    }

    @Test
    void unknownFilesAreRefused() throws IOException {
        Npy.write(npy("mu2"), new int[] {1}, new double[] {1});
        assertRefused("mu2.npy", "unknown");
        Files.delete(npy("mu2"));
        Npy.write(npy("bound"), new int[] {1}, new double[] {1});
        assertRefused("bound.npy", "unknown");
        Files.delete(npy("bound"));
        Files.writeString(folder.resolve("notes.txt"), "");
        assertRefused("notes.txt", "unknown");
        Files.delete(folder.resolve("notes.txt"));
        assertDoesNotThrow(this::run);
    }

    @ParameterizedTest
    @ValueSource(strings = {"encoder.0.weight", "log_var.bias", "output.bias", "x", "noise"})
    void missingGivenFilesAreRefused(String name) throws IOException {
        Files.delete(npy(name));
        assertRefused(name + ".npy", "missing");
    }

    @Test
    void aCaseThatExpectsNothingIsRefused() throws IOException {
        List<String> given =
                List.of("encoder.", "mu.", "log_var.", "decoder.", "output.", "x.npy", "noise.npy", "case");
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                boolean tensorOnly =
                        Set.of("mu.npy", "log_var.npy", "output.npy").contains(name);
                if (tensorOnly || given.stream().noneMatch(name::startsWith)) {
                    Files.delete(file);
                }
            }
        }
        assertRefused("case.json", "nothing is expected");
    }

    @ParameterizedTest
    @ValueSource(strings = {"encoder.0.weight", "mu.bias", "x", "noise", "mu", "loss", "grad.x"})
    void wrongShapesAreRefused(String name) {
        double[] values = new double[77];
        Npy.write(npy(name), new int[] {11, 7}, values);
        assertRefused(name + ".npy", "shape");
        Npy.write(npy(name), new int[] {77}, values);
        assertRefused(name + ".npy", "shape");
    }

    @ParameterizedTest
    @ValueSource(strings = {"encoder.0.weight", "x", "grad.mu.bias"})
    void truncatedFilesAreRefused(String name) throws IOException {
        byte[] bytes = Files.readAllBytes(npy(name));
        Files.write(npy(name), Arrays.copyOf(bytes, bytes.length - 1));
        assertRefused(name + ".npy", "needs");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"kind\":\"vae\"       | \"kind\":\"gan\"          | kind 'gan' is not one of vae, iwae, adam, ae",
                "\"activation\":\"tanh\" | \"activation\":\"gelu\"  | activation 'gelu' is not one of",
                "\"gaussian\"           | \"poisson\"               | likelihood 'poisson' is not one of",
                "\"beta\":1.0           | \"beta\":-1               | beta must not be negative",
                "\"beta\":1.0,          | ``                        | field 'beta' is missing",
                "\"samples\":1          | \"samples\":0             | samples must be at least 1",
                "\"samples\":1          | \"samples\":1,\"kl\":\"x\" | kl 'x' is not one of analytic, sampled",
                "\"hidden\":[5]         | \"hidden\":[0]            | hidden must be at least 1",
                "\"kind\":\"vae\"       | \"kind\":\"adam\"         | field 'steps' is missing",
                "\"samples\":1          | \"samples\":1,\"made_with\":{} | unknown field 'made_with'",
                "\"samples\":1          | \"samples\":1,\"steps\":2  | unknown field 'steps'",
                "\"samples\":1          | \"samples\":1,\"labels\":3 | unknown field 'labels'",
                "\"samples\":1          | \"samples\":1,\"prior\":{},\"level2\":{} | fields [prior, level2] describe",
                "\"samples\":1          | \"samples\":1,\"columns\":[] | field 'columns' and likelihood columns belong together",
                "\"gaussian\"           | \"columns\"               | field 'columns' and likelihood columns belong together",
                "\"samples\":1          | \"samples\":1,\"conv\":[[4,3,2,1]] | conv needs a picture",
                "\"samples\":1          | \"samples\":1,\"picture\":[1,2,99] | picture 1 × 2 × 99 does not have",
                "\"samples\":1          | \"samples\":1,\"picture\":[1,2] | picture must be channels, height and width",
                "\"samples\":1          | \"samples\":1,\"classes\":1 | classes are 1; 2 to 1000 are possible",
                "\"samples\":1          | \"samples\":1,\"level2\":{} | fields [level2] describe what this version cannot compute",
                "}                      | }}                        | not a JSON object",
            })
    void wrongDescriptionsAreRefused(String from, String to, String why) throws IOException {
        describe(from, to);
        assertRefused("case.json", why);
    }

    @Test
    void categoriesThatAreNotWholeAreRefused() throws IOException {
        another("vae-tanh-columns-h7-beta0.5-mixed");
        NpyArray x = Npy.read(npy("x"));
        // places 2 to 4 of a row are a category
        int row = 1;
        int width = x.shape()[1];
        for (double[] places : List.of(new double[] {Double.NaN, 0, 1}, new double[] {1, 0, 1}, new double[3])) {
            double[] values = x.values().clone();
            System.arraycopy(places, 0, values, row * width + 2, 3);
            Npy.write(npy("x"), x.shape(), values);
            assertRefused("x.npy", "row " + row + ", columns 2 to 4 (from 0), are " + Arrays.toString(places));
        }
    }

    @Test
    void foldersWithoutCasesAreRefused() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        for (Path none : List.of(empty, folder.resolve("absent"), npy("x"))) {
            ElboException e = assertThrows(ElboException.class, () -> GoldenRunner.cases(none));
            assertEquals(ElboException.Kind.DATA, e.kind());
            assertTrue(e.getMessage().contains(none.toString()), e.getMessage());
        }
        assertEquals(List.of(folder), GoldenRunner.cases(folder));
        Path half = Files.createDirectories(empty.resolve("half"));
        assertTrue(assertThrows(ElboException.class, () -> GoldenRunner.cases(empty))
                .getMessage()
                .contains(half.toString()));
        Files.copy(folder.resolve("case.json"), half.resolve("case.json"));
        assertEquals(List.of(half), GoldenRunner.cases(empty));
    }

    @Test
    void theErrorIsRelativeAndKnowsWhatIsNotFinite() {
        double nan = Double.NaN;
        double infinite = Double.POSITIVE_INFINITY;
        assertEquals(0.1, GoldenRunner.error(new double[] {3, 4}, new double[] {3, 4.5}), 1e-15);
        assertEquals(0.5, GoldenRunner.error(new double[] {0, 0}, new double[] {0.3, 0.4}), 1e-15);
        assertEquals(0, GoldenRunner.error(new double[] {nan, infinite, 1}, new double[] {nan, infinite, 1}));
        assertEquals(infinite, GoldenRunner.error(new double[] {1, nan}, new double[] {1, 1}));
        assertEquals(infinite, GoldenRunner.error(new double[] {1, 1}, new double[] {nan, 1}));
        assertEquals(infinite, GoldenRunner.error(new double[] {infinite}, new double[] {-infinite}));
    }
}
