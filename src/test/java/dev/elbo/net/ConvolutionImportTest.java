package dev.elbo.net;

import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.io.SafeTensors;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Convolution;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.reference.ReferenceBackend;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights of convolutions and of classes, as another program writes them. */
class ConvolutionImportTest {
    private static final FeatureMap PICTURE = new FeatureMap(3, 7, 9);
    private static final List<Convolution> CONVOLUTIONS =
            List.of(Convolution.parse("4x4s2p1"), Convolution.parse("5x3s2"));
    private static final List<String> CLASSES = List.of("cat", "dog", "newt");
    private static final ImportOptions PLAIN = ImportOptions.of(Activation.ELU, Likelihood.GAUSSIAN_LEARNED);
    private static final ImportOptions OPTIONS = PLAIN.withConvolutions(PICTURE, CONVOLUTIONS);

    @TempDir
    private Path folder;

    private static VaeSpec.Builder builder(int... hidden) {
        return VaeSpec.builder(PICTURE.size())
                .convolutions(PICTURE, CONVOLUTIONS.toArray(Convolution[]::new))
                .hidden(hidden)
                .latent(3)
                .activation(Activation.ELU)
                .likelihood(Likelihood.GAUSSIAN_LEARNED);
    }

    private static Map<String, SafeTensors.Entry> tensors(VaeSpec spec) {
        try (Backend backend = new ReferenceBackend();
                TinyModel tiny = new TinyModel(backend, spec, 1, 1)) {
            return new LinkedHashMap<>(StoredModel.of(tiny.vae, Map.of()).tensors());
        }
    }

    private StoredModel read(Map<String, SafeTensors.Entry> tensors, ImportOptions options) {
        Path file = folder.resolve("foreign.safetensors");
        new SafeTensors(Map.of("format", "pt"), tensors).write(file);
        return ModelImport.read(file, options, note -> {
            throw new AssertionError(note);
        });
    }

    private static void requireTheSame(Map<String, SafeTensors.Entry> expected, StoredModel model) {
        assertEquals(expected.keySet(), model.tensors().keySet());
        expected.forEach((name, entry) -> {
            assertArrayEquals(entry.shape(), model.tensors().get(name).shape(), name);
            assertArrayEquals(entry.values(), model.values(name), name);
        });
    }

    @Test
    void convolutionsAndClassesAreRead() {
        for (int[] hidden : new int[][] {{}, {6}, {6, 5}}) {
            for (List<String> classes : List.of(List.<String>of(), CLASSES)) {
                for (boolean plain : new boolean[] {false, true}) {
                    VaeSpec.Builder builder = builder(hidden).classes(classes);
                    VaeSpec spec = (plain ? builder.deterministic() : builder).build();
                    Map<String, SafeTensors.Entry> tensors = tensors(spec);
                    StoredModel model = read(tensors, OPTIONS.withClasses(classes));
                    assertEquals(spec, model.spec());
                    assertEquals(Map.of("elbo.image", "3,7,9"), model.metadata());
                    requireTheSame(tensors, model);
                }
            }
        }
    }

    @Test
    void classesOfDenseModelsAreRead() {
        for (int[] hidden : new int[][] {{}, {6}, {6, 5}}) {
            VaeSpec spec = VaeSpec.builder(8)
                    .hidden(hidden)
                    .latent(3)
                    .activation(Activation.ELU)
                    .likelihood(Likelihood.GAUSSIAN_LEARNED)
                    .classes(CLASSES)
                    .build();
            Map<String, SafeTensors.Entry> tensors = tensors(spec);
            StoredModel model = read(tensors, PLAIN.withClasses(CLASSES));
            assertEquals(spec, model.spec());
            assertEquals(Map.of(), model.metadata());
            requireTheSame(tensors, model);
            refused(
                    () -> read(tensors, PLAIN),
                    "both have 3 columns too many, as for so many classes",
                    "ImportOptions.withClasses");
            refused(() -> read(tensors, PLAIN.withClasses(List.of("a", "b"))), ", 11), not (", "6), not (");
        }
    }

    @Test
    void aDenseModelRemembersItsPicture() {
        VaeSpec spec = VaeSpec.builder(12)
                .hidden(4)
                .latent(2)
                .activation(Activation.ELU)
                .build();
        Map<String, SafeTensors.Entry> tensors = tensors(spec);
        ImportOptions options = ImportOptions.of(Activation.ELU, Likelihood.GAUSSIAN_OPTIMAL);
        StoredModel model = read(tensors, options.withPicture(new FeatureMap(1, 3, 4)));
        assertEquals(spec, model.spec());
        assertEquals(Map.of("elbo.image", "1,3,4"), model.metadata());
        refused(
                () -> read(tensors, options.withPicture(new FeatureMap(1, 3, 5))),
                "the picture 1 × 3 × 5 has 15 values, but the model has 12 inputs");
    }

    /** Every tensor with both shapes. */
    @Test
    void whatDoesNotFitIsNamed() {
        Map<String, SafeTensors.Entry> tensors = tensors(builder(6).build());
        refused(
                () -> read(tensors, PLAIN),
                "'encoder.0.weight' (4, 3, 4, 4) is a convolution's",
                "ImportOptions.withConvolutions");
        List<Convolution> other = List.of(Convolution.parse("4x5s2p2"), Convolution.parse("6x3s2"));
        refused(
                () -> read(tensors, PLAIN.withConvolutions(PICTURE, other)),
                "read as 3 × 7 × 9-4x5s2p2-6x3s2p1-6-3, elu",
                "'encoder.0.weight' has shape (4, 3, 4, 4), not (4, 3, 5, 5)",
                "'encoder.1.weight' has shape (5, 4, 3, 3), not (6, 4, 3, 3)",
                "'encoder.1.bias' has shape (5), not (6)",
                "'output.weight' has shape (4, 3, 4, 4), not (4, 3, 5, 5)");
        refused(
                () -> read(tensors, PLAIN.withConvolutions(new FeatureMap(3, 15, 9), CONVOLUTIONS)),
                "'encoder.2.weight' has shape (6, 20), not (6, 40)",
                "'decoder.1.bias' has shape (20), not (40)");
        refused(
                () -> read(tensors, PLAIN.withConvolutions(PICTURE, CONVOLUTIONS.subList(0, 1))),
                "'encoder.1.weight' has shape (5, 4, 3, 3), not (5, 48)");
        List<Convolution> three = List.of(CONVOLUTIONS.get(0), CONVOLUTIONS.get(1), CONVOLUTIONS.get(1));
        refused(
                () -> read(tensors, PLAIN.withConvolutions(PICTURE, three)),
                "'encoder.2.weight' has shape (6, 20), not (5, 5, 3, 3)");
        refused(() -> read(tensors, OPTIONS.withClasses(CLASSES)), "'decoder.0.weight' has shape (6, 3), not (6, 6)");
        refused(
                () -> read(tensors(builder(6).classes(CLASSES).build()), OPTIONS),
                "both have 3 columns too many",
                "ImportOptions.withClasses");
        tensors.remove("decoder.2.bias");
        refused(() -> read(tensors, OPTIONS), "'decoder.2.bias' is missing");
    }

    @Test
    void optionsThatCannotBeAreRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new ImportOptions(
                        Activation.ELU,
                        Component.of("gaussian"),
                        List.of(),
                        Optional.empty(),
                        CONVOLUTIONS,
                        List.of()));
        assertThrows(
                IllegalArgumentException.class,
                () -> PLAIN.withConvolutions(new FeatureMap(3, 1, 1), List.of(Convolution.parse("2x4p0"))));
        for (List<String> classes : List.of(List.of("one"), List.of("a", "a"), List.of("a", ""))) {
            assertThrows(IllegalArgumentException.class, () -> OPTIONS.withClasses(classes));
        }
    }

    /** A 1 × 3 × 3 picture, a 2 × 2 kernel with stride 1: all that PyTorch's modules compute, by hand. */
    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void weightsInPyTorchsOrderGiveWhatItComputes(String name) {
        Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();
        // Conv2d(1, 2, 2): channel 0 takes the pixel at the top right, channel 1 twice that at the bottom left
        tensors.put("encoder.0.weight", entry(new int[] {2, 1, 2, 2}, 0, 1, 0, 0, 0, 0, 2, 0));
        tensors.put("encoder.0.bias", entry(new int[] {2}, 0, 100));
        // of the features, channel first: channel 0 at row 0 column 1, and channel 1 at row 1 column 0; then two
        // classes
        tensors.put(
                "mu.weight",
                entry(new int[] {2, 10}, 0, 1, 0, 0, 0, 0, 0, 0, 1000, 2000, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0));
        tensors.put("mu.bias", entry(new int[] {2}, 0, 0.5f));
        // z_0 to channel 0 at row 0 column 1, z_1 to channel 1 at row 1 column 0; the second class to channel 1 at row
        // 1 column 1
        float[] toMap = new float[8 * 4];
        toMap[1 * 4] = 1;
        toMap[6 * 4 + 1] = 1;
        toMap[7 * 4 + 3] = 7;
        tensors.put("decoder.0.weight", new SafeTensors.Entry(new int[] {8, 4}, toMap));
        tensors.put("decoder.0.bias", entry(new int[] {8}, 0, 0, 0, 0, 0, 0, 0, 0));
        // ConvTranspose2d(2, 1, 2)
        tensors.put("output.weight", entry(new int[] {2, 1, 2, 2}, 1, 2, 3, 4, 10, 20, 30, 40));
        tensors.put("output.bias", entry(new int[] {1}, 0.25f));
        ImportOptions options = ImportOptions.of(Activation.IDENTITY, Likelihood.GAUSSIAN)
                .withConvolutions(new FeatureMap(1, 3, 3), List.of(Convolution.parse("2x2p0")))
                .withClasses(List.of("a", "b"));
        StoredModel model = read(tensors, options);
        try (Backend backend = Backends.open(name);
                ModelFile.Loaded loaded = model.load(backend);
                Activations a = loaded.vae().allocate(2, 1, false)) {
            Tensor x = backend.allocate(ElementType.REAL, 2, 9);
            x.write(new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9});
            a.labels().write(new double[] {0, 1});
            loaded.vae().encode(x, a);
            // patch (0, 1) is 2 3 5 6: its top right 3; patch (1, 0) is 4 5 7 8: twice its bottom left 14, and 100
            assertArrayEquals(new double[] {1003, 114.5, 2003, 114.5}, a.mu().toDoubles());
            loaded.vae().decode(a);
            double[] first = {0.25, 1003.25, 2006.25, 1145.25, 3009 + 2290.25, 4012.25, 3435.25, 4580.25, 0.25};
            double[] second = {
                0.25, 2003.25, 4006.25, 1145.25, 6009 + 2290 + 70.25, 8012 + 140.25, 3435.25, 4580 + 210.25, 280.25
            };
            double[] both = a.output().toDoubles();
            assertArrayEquals(first, Arrays.copyOf(both, 9));
            assertArrayEquals(second, Arrays.copyOfRange(both, 9, 18));
            x.buffer().close();
        }
    }

    private static SafeTensors.Entry entry(int[] shape, float... values) {
        return new SafeTensors.Entry(shape, values);
    }

    /** What is written is read to the same bits, and written to the same bytes again. */
    @Test
    void filesKeepEveryBit() throws Exception {
        VaeSpec spec = builder(6).classes(CLASSES).build();
        Path file = folder.resolve("model.safetensors");
        Path again = folder.resolve("again.safetensors");
        try (Backend backend = Backends.open("cpu");
                TinyModel tiny = new TinyModel(backend, spec, 1, 1)) {
            ModelFile.write(file, tiny.vae, Map.of("note", "x"));
            try (ModelFile.Loaded loaded = ModelFile.read(file, backend)) {
                assertEquals(spec, loaded.vae().spec());
                for (String parameter : tiny.parameters.names()) {
                    assertArrayEquals(
                            tiny.parameters.tensor(parameter).toFloats(),
                            loaded.parameters().tensor(parameter).toFloats(),
                            parameter);
                }
                ModelFile.write(again, loaded.vae(), loaded.metadata());
            }
        }
        assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(again));
        StoredModel.read(file).write(again);
        assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(again));
        Map<String, int[]> shapes = new LinkedHashMap<>();
        StoredModel.read(file).tensors().forEach((name, entry) -> shapes.put(name, entry.shape()));
        assertArrayEquals(new int[] {4, 3, 4, 4}, shapes.get("encoder.0.weight"));
        assertArrayEquals(new int[] {6, 23}, shapes.get("encoder.2.weight"));
        assertArrayEquals(new int[] {6, 6}, shapes.get("decoder.0.weight"));
        assertArrayEquals(new int[] {20, 6}, shapes.get("decoder.1.weight"));
        assertArrayEquals(new int[] {5, 4, 3, 3}, shapes.get("decoder.2.weight"));
        assertArrayEquals(new int[] {4, 3, 4, 4}, shapes.get("output.weight"));
        assertTrue(shapes.keySet().stream().noneMatch(name -> name.contains("class")), shapes.toString());
    }
}
