package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.elbo.io.SafeTensors;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Units that say nothing of x are counted to the last one and warned of; that a model has them is no error. */
class CollapseTest {
    private static final int LATENT = 5;

    @TempDir
    static Path folder;

    private static String elbo(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(args, new PrintWriter(out), new PrintWriter(err));
        assertEquals(0, code, err.toString());
        return out.toString();
    }

    @BeforeAll
    static void train() {
        elbo(("train --hidden 8 --latent " + LATENT + " --epochs 1 --backend cpu --out " + folder).split(" "));
    }

    /** The model with means that do not depend on x in the last units, and do in the others. */
    private static Path model(int collapsed) {
        SafeTensors trained = SafeTensors.read(folder.resolve("model.safetensors"));
        float[] weights = trained.tensors().get("mu.weight").values();
        int width = weights.length / LATENT;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = i / width < LATENT - collapsed ? i % width + 1 : 0;
        }
        // what they are instead of the prior's mean does not make them active
        Arrays.fill(trained.tensors().get("mu.bias").values(), 3);
        Path model = folder.resolve(collapsed + ".safetensors");
        new SafeTensors(trained.metadata(), trained.tensors()).write(model);
        return model;
    }

    private static String[] evaluate(Path model, String... more) {
        return Stream.concat(
                        Stream.of("evaluate", model.toString(), "--backend", "cpu", "--importance-samples", "5"),
                        Stream.of(more))
                .toArray(String[]::new);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, LATENT})
    void collapsedUnitsAreCounted(int collapsed) {
        Path model = model(collapsed);
        String report = elbo(evaluate(model));
        String warning = "warning: posterior collapse: " + collapsed + " of " + LATENT + " units hardly depend on x";
        assertEquals(collapsed > 0, report.lines().anyMatch(warning::equals), report);
        assertEquals(collapsed > 0, report.contains("collapse"), report);
        JsonObject json =
                JsonParser.parseString(elbo(evaluate(model, "--json"))).getAsJsonObject();
        assertEquals(LATENT - collapsed, json.get("active_units").getAsInt());
    }

    /** As it comes about: so strong a weight of the KL divergence that no unit is worth its price. */
    @Test
    void aModelThatCollapsedInTrainingIsNoError() {
        Path run = folder.resolve("heavy");
        elbo(("train --objective beta --beta 1000 --hidden 8 --latent 2 --epochs 10 --learning-rate 1e-2 --backend cpu"
                        + " --likelihood bernoulli --out " + run)
                .split(" "));
        String report = elbo(evaluate(run));
        assertTrue(report.contains("warning: posterior collapse: 2 of 2 units"), report);
        assertFalse(report.contains("NaN"), report);
    }
}
