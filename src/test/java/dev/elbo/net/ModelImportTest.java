package dev.elbo.net;

import static dev.elbo.io.Failures.fails;
import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import dev.elbo.io.SafeTensors;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as other programs write them: no seal, no specification, their names, their types. */
class ModelImportTest {
    @TempDir
    private Path folder;

    private final Map<String, float[]> values = new LinkedHashMap<>();
    private final Map<String, int[]> shapes = new LinkedHashMap<>();

    /** Weights that differ everywhere, so that none can be mistaken for another. */
    private void tensor(String name, int... shape) {
        int count = 1;
        for (int dimension : shape) {
            count *= dimension;
        }
        float[] all = new float[count];
        for (int i = 0; i < count; i++) {
            all[i] = values.size() + 1 + i / 128f;
        }
        values.put(name, all);
        shapes.put(name, shape);
    }

    private void layer(String name, int in, int out) {
        tensor(name + ".weight", out, in);
        tensor(name + ".bias", out);
    }

    private Path write(String type, int width) throws IOException {
        StringBuilder header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
        ByteBuffer data = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
        values.forEach((name, all) -> {
            header.append(",\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":"
                    + java.util.Arrays.toString(shapes.get(name)) + ",\"data_offsets\":[" + data.position() + ","
                    + (data.position() + all.length * width) + "]}");
            for (float value : all) {
                switch (type) {
                    case "F64" -> data.putDouble(value + 1e-9);
                    case "BF16" -> data.putShort((short) (Float.floatToIntBits(value) >> 16));
                    default -> data.putFloat(value);
                }
            }
        });
        byte[] text = header.append("}").toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + text.length + data.position()).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(text.length).put(text).put(data.flip());
        return Files.write(folder.resolve("foreign.safetensors"), file.array());
    }

    private StoredModel read(Component likelihood, String... renames) throws IOException {
        List<ModelImport.Rename> parsed = new ArrayList<>();
        for (String rename : renames) {
            String[] parts = rename.split("=", 2);
            parsed.add(new ModelImport.Rename(parts[0], parts[1]));
        }
        return read(ImportOptions.of(Activation.TANH, likelihood).withRenames(parsed));
    }

    private StoredModel read(ImportOptions options) throws IOException {
        return ModelImport.read(write("F32", 4), options, note -> {
            throw new AssertionError(note);
        });
    }

    private static VaeSpec spec(List<Integer> hidden, Component likelihood, boolean perDimension, boolean stochastic) {
        return VaeSpec.mlp(
                6,
                hidden,
                2,
                Activation.TANH,
                perDimension ? Likelihood.GAUSSIAN_LEARNED_PER_DIMENSION : likelihood,
                stochastic);
    }

    private void model(List<Integer> hidden, boolean stochastic) {
        values.clear();
        shapes.clear();
        int width = 6;
        for (int i = 0; i < hidden.size(); i++) {
            layer("encoder." + i, width, hidden.get(i));
            width = hidden.get(i);
        }
        layer("mu", width, 2);
        if (stochastic) {
            layer("log_var", width, 2);
        }
        width = 2;
        for (int i = 0; i < hidden.size(); i++) {
            int out = hidden.get(hidden.size() - 1 - i);
            layer("decoder." + i, width, out);
            width = out;
        }
        layer("output", width, 6);
    }

    @Test
    void namesAndShapesTellTheModel() throws IOException {
        for (List<Integer> hidden : List.of(List.<Integer>of(), List.of(5), List.of(5, 3, 4))) {
            for (boolean stochastic : new boolean[] {false, true}) {
                model(hidden, stochastic);
                assertEquals(
                        spec(hidden, Likelihood.BERNOULLI, false, stochastic),
                        read(Likelihood.BERNOULLI).spec());
                tensor("output.log_var", 1);
                assertEquals(
                        spec(hidden, Likelihood.GAUSSIAN_OPTIMAL, false, stochastic),
                        read(Likelihood.GAUSSIAN_OPTIMAL).spec());
                assertEquals(
                        spec(hidden, Likelihood.GAUSSIAN_LEARNED, false, stochastic),
                        read(Likelihood.GAUSSIAN_LEARNED).spec());
                tensor("output.log_var", 6);
                StoredModel model = read(Likelihood.GAUSSIAN_LEARNED);
                assertEquals(spec(hidden, Likelihood.GAUSSIAN_LEARNED, true, stochastic), model.spec());
                values.forEach((name, all) -> assertArrayEquals(all, model.values(name), name));
                assertEquals(Map.of(), model.metadata());
            }
        }
    }

    @Test
    void aDecoderNeedNotMirrorTheEncoder() throws IOException {
        layer("encoder.0", 6, 5);
        layer("mu", 5, 2);
        layer("decoder.0", 2, 7);
        layer("output", 7, 6);
        VaeSpec read = read(Likelihood.BERNOULLI).spec();
        assertEquals(List.of(Component.dense(5)), read.encoder());
        assertEquals(List.of(Component.dense(7), Component.dense(6)), read.decoder());
        assertEquals(Optional.empty(), read.hidden());
        tensor("output.weight", 6, 5);
        refused(() -> read(Likelihood.BERNOULLI), "'output.weight' has shape (6, 5), not (6, 7)");
    }

    @Test
    void whatIsImportedIsAModelLikeAnyOther() throws IOException {
        model(List.of(5), true);
        StoredModel model = read(Likelihood.BERNOULLI);
        Path file = folder.resolve("model.safetensors");
        model.write(file);
        SafeTensors.readSealed(file);
        assertEquals(model.spec(), StoredModel.read(file).spec());
        refused(
                () -> ModelImport.read(file, ImportOptions.of(Activation.RELU, Likelihood.BERNOULLI), note -> {}),
                file.toString(),
                "already");
        refused(
                () -> StoredModel.read(folder.resolve("foreign.safetensors")),
                "ModelImport.read",
                "foreign.safetensors");
    }

    /** The names of PyTorch's example of a VAE, of a Sequential and of a wrapped model. */
    @Test
    void otherNames() throws IOException {
        layer("fc1", 6, 5);
        layer("fc21", 5, 2);
        layer("fc22", 5, 2);
        layer("fc3", 2, 5);
        layer("fc4", 5, 6);
        String[] renames = {"fc1=encoder.0", "fc21=mu", "fc22=log_var", "fc3=decoder.0", "fc4=output"};
        StoredModel model = read(Likelihood.BERNOULLI, renames);
        assertEquals(spec(List.of(5), Likelihood.BERNOULLI, false, true), model.spec());
        assertArrayEquals(values.get("fc22.bias"), model.values("log_var.bias"));

        values.clear();
        layer("module.encoder.0", 6, 5);
        layer("module.encoder.2", 5, 4);
        layer("module.mu", 4, 2);
        layer("module.decoder.0", 2, 4);
        layer("module.decoder.2", 4, 5);
        layer("module.decoder.4", 5, 6);
        model = read(Likelihood.GAUSSIAN, "module=", "encoder.2=encoder.1", "decoder.2=decoder.1", "decoder.4=output");
        assertEquals(spec(List.of(5, 4), Likelihood.GAUSSIAN, false, false), model.spec());
        assertArrayEquals(values.get("module.decoder.2.weight"), model.values("decoder.1.weight"));
    }

    @Test
    void renamesThatCannotBeMeant() throws IOException {
        model(List.of(5), true);
        tensor("encoder.01.weight", 1);
        ElboException failure = fails(
                ElboException.Kind.USAGE, () -> read(Likelihood.BERNOULLI, "encode=x"), "'encode'", "encoder.0.weight");
        assertTrue(failure.getMessage().contains("'mu.bias' (2)"), failure.getMessage());
        fails(ElboException.Kind.USAGE, () -> read(Likelihood.BERNOULLI, "mu=log_var"), "'log_var.weight'", "taken");
        fails(ElboException.Kind.USAGE, () -> read(Likelihood.BERNOULLI, "mu.bias=__metadata__"), "taken");
        assertThrows(IllegalArgumentException.class, () -> new ModelImport.Rename("", "x"));
        refused(() -> read(Likelihood.BERNOULLI, "encoder.0=encoder.0"), "'encoder.01.weight' is not expected");
    }

    @Test
    void everythingThatDoesNotFitIsNamed() throws IOException {
        model(List.of(5, 4), true);
        String before = String.join(" ", values.keySet());
        values.remove("mu.bias");
        values.remove("decoder.1.weight");
        tensor("extra.weight", 3);
        tensor("output.bias", 7);
        tensor("log_var.weight", 4, 2);
        assertFalse(before.contains("extra"));
        refused(
                () -> read(Likelihood.GAUSSIAN_OPTIMAL),
                "read as 6-5-4-2, tanh, gaussian-optimal",
                "'mu.bias' is missing",
                "'decoder.1.weight' is missing",
                "'output.log_var' is missing",
                "'extra.weight' is not expected",
                "'output.bias' has shape (7), not (6)",
                "'log_var.weight' has shape (4, 2), not (2, 4)");
        // a layer that is missed as a whole is told by its mirror image
        model(List.of(5, 4), true);
        values.remove("encoder.1.weight");
        values.remove("encoder.1.bias");
        refused(() -> read(Likelihood.BERNOULLI), "'encoder.1.weight' is missing; 'encoder.1.bias' is missing");
    }

    @Test
    void filesThatTellNoModel() throws IOException {
        refused(() -> read(Likelihood.BERNOULLI), "has no tensors", "ModelImport.Rename");
        layer("fc1", 6, 5);
        refused(() -> read(Likelihood.BERNOULLI), "'fc1.weight' (5, 6), 'fc1.bias' (5)", "ModelImport.Rename");
        model(List.of(5), true);
        tensor("encoder.9999.weight", 5, 5);
        refused(() -> read(Likelihood.BERNOULLI), "ModelImport.Rename");
        tensor("mu.weight", 0, 5);
        values.remove("encoder.9999.weight");
        refused(() -> read(Likelihood.BERNOULLI), "latent must be at least 1, not 0");
        model(List.of(), false);
        values.get("mu.bias")[1] = Float.NaN;
        refused(() -> read(Likelihood.BERNOULLI), "'mu.bias'", "NaN at position 1");
    }

    @Test
    void otherTypesAreConvertedAndRoundingIsSaid() throws IOException {
        model(List.of(), false);
        List<String> notes = new ArrayList<>();
        ImportOptions options = ImportOptions.of(Activation.RELU, Likelihood.GAUSSIAN);
        StoredModel widened = ModelImport.read(write("BF16", 2), options, notes::add);
        assertEquals(List.of(), notes);
        assertEquals(1, widened.values("mu.weight")[0]);
        StoredModel rounded = ModelImport.read(write("F64", 8), options, notes::add);
        assertEquals(4, notes.size());
        assertTrue(notes.get(0).startsWith("tensor 'mu.weight': 12 of 12 float64 values"), notes.get(0));
        assertEquals(values.get("mu.bias")[1], rounded.values("mu.bias")[1]);
    }
}
