package dev.elbo.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.Inference;
import dev.elbo.backend.Backend;
import dev.elbo.backend.KlMode;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.io.SafeTensors;
import dev.elbo.io.Sha256;
import dev.elbo.io.Version;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.MixedTable;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.StoredModel;
import dev.elbo.net.TinyModel;
import dev.elbo.objective.Elbo;
import dev.elbo.objective.KlControl;
import dev.elbo.objective.KlControl.Quantity;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import dev.elbo.onnx.OnnxExport;
import java.io.IOException;
import java.lang.reflect.Array;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Models and checkpoints of runs that were stopped in the middle once and for all: whatever is renamed or redesigned since, they
 * load, go on, encode and export as on the day they were made. {@link #main} made them, and makes more.
 */
class FixturesTest {
    private static final Path FOLDER = Path.of("src/test/resources/fixtures");
    private static final String EXPECTED = "expected.safetensors";
    private static final String ONNX = "onnx_sha256";
    private static final Split DATA = Split.of(TrainerTest.data(40, 1), TrainerTest.data(17, 2));

    private static final Split ROWS = Split.of(rows(40, 1), rows(17, 2));

    private static final long STOP = 5;

    @TempDir
    private Path folder;

    /** A run of four epochs of three steps. */
    private record Case(
            String name, String backend, VaeSpec spec, Objective objective, TrainingOptions options, Split data) {
        @Override
        public String toString() {
            return name;
        }

        Trainer trainer(Backend on) {
            return Trainer.builder(on, spec, data)
                    .objective(objective)
                    .options(options)
                    .build();
        }

        Path path() {
            return FOLDER.resolve(name);
        }
    }

    private static VaeSpec.Builder spec(Component likelihood) {
        return spec(likelihood, DATA.train().features());
    }

    private static VaeSpec.Builder spec(Component likelihood, int inputs) {
        return VaeSpec.builder(inputs).hidden(5).latent(2).likelihood(likelihood);
    }

    private static Dataset rows(int count, long seed) {
        return Dataset.of("rows", MixedTable.TABLE, MixedTable.rows(count, seed));
    }

    private static TrainingOptions.Builder options() {
        return TrainingOptions.builder()
                .epochs(4)
                .batchSize(16)
                .learningRate(1e-2)
                .seed(3)
                .patience(2);
    }

    private static Elbo held(KlControl control) {
        return new Elbo(1, KlMode.ANALYTIC, control);
    }

    static List<Case> cases() {
        Map<String, VaeSpec.Builder> specs = new LinkedHashMap<>();
        Map<String, Objective> objectives = new LinkedHashMap<>();
        Map<String, TrainingOptions.Builder> options = new LinkedHashMap<>();
        for (Component likelihood : TinyModel.likelihoods()) {
            specs.put("vae-" + likelihood, spec(likelihood));
        }
        specs.put("vae-gaussian-learned-per-dimension", spec(Likelihood.GAUSSIAN_LEARNED_PER_DIMENSION));
        options.put(
                "vae-bernoulli",
                options().binarize(true).learningRate(new LearningRate(1e-2, 0.5, LearningRate.Decay.COSINE)));
        options.put(
                "vae-gaussian",
                options()
                        .patience(0)
                        .dropLast(true)
                        .learningRate(LearningRate.ofStages(
                                List.of(new LearningRate.Stage(2, 1e-2), new LearningRate.Stage(1, 1e-3)))));
        options.put("vae-gaussian-learned", options().klWeight(new KlWeight(0.5, 1.5)));
        objectives.put("vae-gaussian-learned", new Elbo(3, KlMode.SAMPLED));
        specs.put("ae", spec(Likelihood.GAUSSIAN_OPTIMAL).deterministic());
        objectives.put("ae", Objectives.autoencoder());
        specs.put("iwae", spec(Likelihood.GAUSSIAN));
        objectives.put("iwae", Objectives.iwae(4));
        specs.put("dreg", spec(Likelihood.BERNOULLI));
        objectives.put("dreg", Objectives.dreg(4));
        specs.put("free-bits", spec(Likelihood.BERNOULLI));
        objectives.put("free-bits", held(new KlControl.FreeBits(0.2)));
        specs.put("constrained-kl", spec(Likelihood.GAUSSIAN_OPTIMAL));
        objectives.put("constrained-kl", held(new KlControl.Constrained(Quantity.KL, 0.3, 2e-2)));
        specs.put("constrained-reconstruction", spec(Likelihood.GAUSSIAN));
        objectives.put(
                "constrained-reconstruction", held(new KlControl.Constrained(Quantity.RECONSTRUCTION, 15, 5e-2)));
        specs.put("capacity", spec(Likelihood.GAUSSIAN));
        objectives.put("capacity", held(new KlControl.Capacity(2, 3, 6)));
        specs.put("columns", spec(Likelihood.columns(MixedTable.TABLE.modelled()), MixedTable.PLACES));
        objectives.put("columns", Objectives.iwae(4));
        // several means over a batch: the optimal variance, and what is held
        specs.put("shards", spec(Likelihood.GAUSSIAN_OPTIMAL));
        objectives.put("shards", held(new KlControl.Constrained(Quantity.KL, 0.3, 2e-2)));
        options.put("shards", options().shards(4));
        List<Case> cases = new ArrayList<>();
        specs.forEach((name, spec) -> {
            for (String backend : List.of("cpu", "reference")) {
                cases.add(new Case(
                        name + "-" + backend,
                        backend,
                        spec.build(),
                        objectives.getOrDefault(name, Objectives.vae()),
                        options.getOrDefault(name, options()).build(),
                        name.equals("columns") ? ROWS : DATA));
            }
        });
        return cases;
    }

    /** Goes on from what lies in a folder, or begins there. */
    private static void train(Case made, Path path, boolean stops) {
        try (Backend backend = Backends.builder(made.backend).threads(1).open();
                RunFolder run = RunFolder.open(path);
                Trainer trainer = made.trainer(backend)) {
            TrainingRun.builder(trainer, run).build().run(new TrainingListener() {
                @Override
                public boolean shouldStop() {
                    return stops && trainer.step() >= STOP;
                }
            });
        }
    }

    /** What the model of a finished run is and gives: weights, codes, reconstructions, metrics without times, its exports. */
    private static SafeTensors outcome(Case made, Path run) throws IOException {
        StoredModel stored = StoredModel.read(run.resolve("model.safetensors"));
        Map<String, SafeTensors.Entry> tensors = new TreeMap<>(stored.tensors());
        try (Backend backend = Backends.builder(made.backend).threads(1).open();
                Trainer trainer = made.trainer(backend);
                DataSource data = DataSource.of(backend, made.data.test().orElseThrow(), DataPlacement.RESIDENT)) {
            trainer.resume(RunFolder.newest(run));
            double[] metrics = trainer.epochs().stream()
                    .map(ResumeRuns::timeless)
                    .flatMapToDouble(epoch -> Arrays.stream(epoch.toRow()))
                    .map(value -> Double.isNaN(value) ? -1e300 : value)
                    .toArray();
            tensors.put("metrics", new SafeTensors.Entry(new int[] {metrics.length}, metrics));
            stored.writeTo(trainer.vae());
            Inference inference = new Inference(trainer.vae(), 0);
            float[] codes = inference.encode(data, false);
            float[] reconstructed = inference.reconstruct(data);
            tensors.put("codes", new SafeTensors.Entry(new int[] {codes.length}, codes));
            tensors.put("reconstructions", new SafeTensors.Entry(new int[] {reconstructed.length}, reconstructed));
        }
        return new SafeTensors(Map.of(ONNX, exported(made.path().resolve("model.safetensors"))), tensors);
    }

    /** Of the exports of the stopped run's model, which no arithmetic has touched since; without the version that wrote them. */
    private static String exported(Path model) throws IOException {
        StringBuilder digests = new StringBuilder();
        for (OnnxExport.Part part : OnnxExport.Part.values()) {
            Path file = Files.createTempFile("fixture", ".onnx");
            OnnxExport.of(StoredModel.read(model), part).write(file);
            String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
                    .replaceFirst("elbo\u001a." + Version.current(), "elbo");
            digests.append(
                    HexFormat.of().formatHex(Sha256.create().digest(content.getBytes(StandardCharsets.ISO_8859_1))));
            Files.delete(file);
        }
        return digests.toString();
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                if (file.getFileName().toString().matches("(checkpoint-0*[1-9].*|model)\\.safetensors")) {
                    Files.copy(file, to.resolve(file.getFileName()));
                }
            }
        }
    }

    /**
     * Makes those that are not there yet.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) throws IOException {
        for (Case made : cases()) {
            if (!Files.exists(made.path())) {
                Path run = Files.createTempDirectory("fixture");
                train(made, run, true);
                copy(run, made.path());
                train(made, run, false);
                outcome(made, run).write(made.path().resolve(EXPECTED));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void goesOnAsOnTheDayItWasMade(Case made) throws IOException {
        SafeTensors expected = SafeTensors.readSealedExactly(made.path().resolve(EXPECTED));
        Path run = folder.resolve("run");
        copy(made.path(), run);
        train(made, run, false);
        SafeTensors actual = outcome(made, run);
        assertEquals(expected.metadata().get(ONNX), actual.metadata().get(ONNX), "the exports");
        assertEquals(expected.tensors().keySet(), actual.tensors().keySet());
        expected.tensors().forEach((name, entry) -> {
            if (made.backend.equals("reference")) {
                assertArrayEquals(numbers(entry), numbers(actual.tensors().get(name)), name);
            } else {
                near(numbers(entry), numbers(actual.tensors().get(name)), name);
            }
        });
    }

    private static double[] numbers(SafeTensors.Entry entry) {
        double[] numbers = new double[Array.getLength(entry.array())];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Array.getDouble(entry.array(), i);
        }
        return numbers;
    }

    /** OpenBLAS picks its kernels by processor. */
    private static void near(double[] expected, double[] actual, String name) {
        assertEquals(expected.length, actual.length, name);
        for (int i = 0; i < expected.length; i++) {
            double bound = 1e-6 * Math.max(1, Math.abs(expected[i]));
            assertTrue(
                    Math.abs(expected[i] - actual[i]) <= bound,
                    name + " at " + i + ": " + expected[i] + " and " + actual[i]);
        }
    }
}
