package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.io.SafeTensors;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.StoredModel;
import dev.elbo.net.TinyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
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

    /** Names and flattened pictures of a PyTorch program; {@code encode} and {@code reconstruct} see no difference. */
    @Test
    void anImportedModelWithConvolutionsGivesTheSameCodes() throws Exception {
        Path trained = folder.resolve("run");
        elbo("train --conv 4x4s2p1,6x3s2 --hidden 16 --latent 3 --likelihood bernoulli --epochs 1 --backend cpu --out "
                        + trained)
                .mustWork();
        Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();
        StoredModel.read(trained.resolve("model.safetensors"))
                .tensors()
                .forEach((name, entry) ->
                        tensors.put(name.replace("encoder.1", "enc.2").replace("encoder.0", "enc.0"), entry));
        new SafeTensors(Map.of("format", "pt"), tensors).write(foreign);
        Path model = folder.resolve("model.safetensors");
        String command = "import " + foreign + " --out " + model
                + " --activation relu --likelihood bernoulli --rename enc.0=encoder.0 --rename enc.2=encoder.1";
        Result refused = elbo(command);
        assertEquals(3, refused.code());
        assertTrue(refused.err().contains("stand in no file; give them with --conv and --picture"), refused.err());
        Result result = elbo(command + " --conv 4x4s2p1,6x3s2 --picture 1x8x8").mustWork();
        assertEquals(
                model + ": 1 × 8 × 8-4x4s2p1-6x3s2p1-16-3, relu, bernoulli, variational, 1,549 weights\n",
                result.out());
        for (String task : new String[] {"encode", "reconstruct"}) {
            String to = " --backend cpu --out " + folder + "/" + task;
            elbo(task + " " + trained + to + ".npy").mustWork();
            elbo(task + " " + model + to + "2.npy").mustWork();
            assertArrayEquals(
                    Files.readAllBytes(folder.resolve(task + ".npy")),
                    Files.readAllBytes(folder.resolve(task + "2.npy")));
        }
        // the shape of the pictures is known
        elbo("sample " + model + " --count 4 --backend cpu --out " + folder + "/s.png")
                .mustWork();
    }

    @Test
    void aConditionalModelIsImported() {
        VaeSpec spec = VaeSpec.builder(64)
                .hidden(16)
                .latent(3)
                .likelihood(Likelihood.BERNOULLI)
                .classes(List.of("A", "B", "C", "D"))
                .build();
        StoredModel from;
        try (Backend backend = Backends.reference();
                TinyModel tiny = new TinyModel(backend, spec, 1, 1)) {
            from = StoredModel.of(tiny.vae, Map.of());
        }
        new SafeTensors(Map.of("format", "pt"), from.tensors()).write(foreign);
        Path model = folder.resolve("model.safetensors");
        String command = "import " + foreign + " --out " + model + " --activation relu --likelihood bernoulli";
        Result refused = elbo(command);
        assertEquals(3, refused.code());
        assertTrue(
                refused.err()
                        .contains("both have 4 columns too many, as for so many classes; name those with --classes"),
                refused.err());
        elbo(command + " --classes 4").mustWork();
        StoredModel read = StoredModel.read(model);
        assertEquals(List.of("0", "1", "2", "3"), read.spec().classes());
        elbo(command + " --classes a,b,c,d").mustWork();
        assertEquals(
                spec.withClasses(List.of("a", "b", "c", "d")),
                StoredModel.read(model).spec());
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
                "--likelihood bernoulli --activation elu --conv 2x3         | 2 | --conv needs the shape of the picture, such as --picture 1x28x28",
                "--likelihood bernoulli --activation elu --picture 8x8      | 2 | --picture: '8x8' is not channels, height and width",
                "--likelihood bernoulli --activation elu --picture 1x8x8 --conv 2y3  | 2 | --conv '2y3' is not of the form",
                "--likelihood bernoulli --activation elu --picture 1x8x8 --conv 2x9p0 | 2 | --conv 2x9s1p0 leaves nothing",
                "--likelihood bernoulli --activation elu --classes 1        | 2 | --classes: classes are 1; 2 to 1000 are possible",
                "--likelihood bernoulli --activation elu --classes 2000     | 2 | --classes: 2 to 1000 are possible, not 2000",
                "--likelihood bernoulli --activation elu --classes a,b,a    | 2 | --classes: classes have different names",
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
