package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.io.SafeTensors;
import dev.elbo.net.StoredModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Import as a user calls it: the weights of a trained model under other names, and without what only elbo writes. */
class ImportCommandTest {
    @TempDir
    private static Path run;

    @TempDir
    private Path folder;

    private Path foreign;

    private static Result elbo(String command) {
        return Result.of(command.trim().split(" +"));
    }

    @BeforeAll
    static void train() {
        Result result = elbo("train --hidden 32 --latent 4 --likelihood bernoulli --activation elu --epochs 1"
                + " --backend cpu --out " + run);
        assertEquals(0, result.code(), result.err());
    }

    @BeforeEach
    void writeForeignWeights() {
        Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();
        StoredModel.read(run.resolve("model.safetensors"))
                .tensors()
                .forEach((name, entry) ->
                        tensors.put(name.replace("encoder.0", "net.fc1").replace("output", "net.fc4"), entry));
        foreign = folder.resolve("weights.safetensors");
        new SafeTensors(Map.of("format", "pt"), tensors).write(foreign);
    }

    @Test
    void anImportedModelGivesTheSameCodes() throws Exception {
        Path model = folder.resolve("model.safetensors");
        Result result = elbo("import " + foreign + " --out " + model
                + " --activation elu --likelihood bernoulli --rename net= --rename fc1=encoder.0 --rename fc4=output");
        assertEquals(0, result.code(), result.err());
        assertEquals(model + ": 64-32-4, elu, bernoulli, variational, 4,616 weights\n", result.out());
        assertEquals("", result.err());
        for (String command : new String[] {"encode", "reconstruct"}) {
            String to = " --backend cpu --out " + folder + "/" + command;
            assertEquals(0, elbo(command + " " + run + to + ".npy").code());
            assertEquals(0, elbo(command + " " + model + to + "2.npy").code());
            assertArrayEquals(
                    Files.readAllBytes(folder.resolve(command + ".npy")),
                    Files.readAllBytes(folder.resolve(command + "2.npy")));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--activation elu                                           | 2 | --likelihood",
                "--likelihood bernoulli                                     | 2 | --activation",
                "--likelihood bernoulli --activation gelu                   | 2 | --activation 'gelu' is not one of identity, relu",
                "--likelihood poisson   --activation elu                    | 2 | --likelihood 'poisson' is not one of gaussian",
                "--likelihood bernoulli --activation elu --rename fc1       | 2 | FROM=TO",
                "--likelihood bernoulli --activation elu --rename =a        | 2 | FROM=TO",
                "--likelihood bernoulli --activation elu --rename fc1=a     | 2 | no tensor to rename is 'fc1'",
                "--likelihood bernoulli --activation elu --out FOREIGN      | 2 | is the file that is read",
                "--likelihood bernoulli --activation elu                    | 3 | 'net.fc4.bias' (64), and encoder.0",
                "--likelihood bernoulli --activation elu --rename mu=output | 3 | read as 4-32-4, elu, bernoulli: wrong tensors: 'encoder.0.weight' is missing",
            })
    void whatIsWrongIsSaid(String options, int code, String words) {
        Path out = folder.resolve("out.safetensors");
        String given = options.replace("FOREIGN", foreign.toString());
        Result result = elbo("import " + foreign + " " + given + (given.contains("--out") ? "" : " --out " + out));
        assertEquals(code, result.code(), result.err());
        assertTrue(result.err().contains(words), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(Files.notExists(out));
    }

    @Test
    void otherCommandsPointHere() {
        Result result = elbo("sample " + foreign + " --backend cpu --out " + folder.resolve("s.npy"));
        assertEquals(3, result.code());
        assertTrue(result.err().contains("'elbo import " + foreign + " --out MODEL.safetensors'"), result.err());
    }
}
