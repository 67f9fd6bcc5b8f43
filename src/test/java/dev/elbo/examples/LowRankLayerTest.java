package dev.elbo.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Ops;
import dev.elbo.cli.Result;
import dev.elbo.data.Split;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.JsonFields;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Kind;
import dev.elbo.net.Kinds;
import dev.elbo.net.Layer;
import dev.elbo.net.Network;
import dev.elbo.net.OperatorGraph;
import dev.elbo.net.Parameters;
import dev.elbo.net.Place;
import dev.elbo.net.Scope;
import dev.elbo.net.StoredModel;
import dev.elbo.net.TinyModel;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import dev.elbo.onnx.OnnxRuntime;
import dev.elbo.serve.VaeService;
import dev.elbo.tensor.Tensor;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingListener;
import dev.elbo.train.TrainingOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A layer of a program's own, in this file alone, goes through all that a dense layer goes through. */
class LowRankLayerTest {
    // [shown
    /** y = activation(x · downᵀ · weightᵀ + bias): a dense layer whose weights have the rank of down. */
    record LowRank(int inputs, int width, int rank, Activation activation) implements Layer {
        static final Kind<Layer> KIND = new Kind<>("low-rank", LowRank::of);

        static LowRank of(JsonFields settings, Place place) {
            return new LowRank(
                    place.columns(), settings.integer("width"), settings.integer("rank"), place.activation());
        }

        @Override
        public FeatureMap shape() {
            return FeatureMap.vector(width);
        }

        @Override
        public void parameters(Parameters to) {
            to.weight("down.weight", rank, inputs);
            to.bias("down.bias", rank);
            to.weight("weight", width, rank);
            to.bias("bias", width);
        }

        @Override
        public Map<String, int[]> values(int rows) {
            return Map.of("down", new int[] {rows, rank});
        }

        @Override
        public void forward(Scope s, Tensor x, Tensor y) {
            Ops ops = s.ops();
            Tensor down = s.value("down");
            ops.dense(x, s.parameter("down.weight"), s.parameter("down.bias"), Activation.IDENTITY, down);
            ops.dense(down, s.parameter("weight"), s.parameter("bias"), activation, y);
        }

        @Override
        public void backward(Scope s, Tensor x, Tensor y, Tensor dY, Tensor dX) {
            Tensor down = s.value("down");
            Tensor dDown = s.valueGradient("down");
            dense(s, "", down, y, dY, activation, dDown);
            dense(s, "down.", x, down, dDown, Activation.IDENTITY, dX);
        }

        private static void dense(Scope s, String of, Tensor x, Tensor y, Tensor dY, Activation f, Tensor dX) {
            Tensor dWeight = s.gradient(of + "weight");
            s.ops().denseGrad(x, s.parameter(of + "weight"), y, dY, f, dWeight, s.gradient(of + "bias"), dX);
        }

        @Override
        public void export(OperatorGraph graph, String module, String x, String y) {
            graph.affine(module + ".down", x, y + ".down");
            graph.dense(module, y + ".down", activation, y);
        }
    }
    // shown]

    private static final Component LAYER =
            Component.of("low-rank").with("width", 24).with("rank", 5);

    @TempDir
    private Path folder;

    @BeforeAll
    static void add() {
        Kinds.LAYERS.add(LowRank.KIND);
    }

    private static VaeSpec spec(int inputs) {
        Component output = Component.of("low-rank").with("width", inputs).with("rank", 5);
        return VaeSpec.builder(inputs)
                .latent(3)
                .activation(Activation.TANH)
                .build()
                .withLayers(List.of(LAYER, Component.dense(16)), List.of(LAYER, output));
    }

    /** Also after an interruption, to the same bytes. */
    private Path trained() {
        Split digits = Split.read("digits");
        Path run = folder.resolve("run");
        for (int epochs : new int[] {1, 3}) {
            TrainingOptions options = TrainingOptions.builder().epochs(epochs).build();
            try (Backend backend = Backends.open("cpu");
                    Trainer trainer = Trainer.builder(backend, spec(64), digits)
                            .options(options)
                            .build()) {
                trainer.runIn(run, TrainingListener.NONE);
            }
        }
        return run;
    }

    @Test
    void itIsTrainedAndUsedByEveryCommand() throws Exception {
        String run = trained().toString();
        Path file = Path.of(run, "model.safetensors");
        StoredModel model = StoredModel.read(file);
        assertEquals(spec(64), model.spec());
        assertArrayEquals(
                new int[] {5, 64}, model.tensors().get("encoder.0.down.weight").shape());
        assertArrayEquals(new int[] {24}, model.tensors().get("decoder.0.bias").shape());

        String evaluated = Result.of("evaluate", run).mustWork().out();
        assertTrue(evaluated.contains("ELBO"), evaluated);
        String summary = "64-low-rank 24 5-dense 16-3-low-rank 24 5-low-rank 64 5, tanh, gaussian-optimal";
        Result.of("score", run, "--out", folder.resolve("scores.csv").toString())
                .mustWork();
        Result.of("sample", run, "--out", folder.resolve("samples.png").toString())
                .mustWork();
        Result.of("report", run, "--importance-samples", "0").mustWork();
        String page = Files.readString(Path.of(run, "report.html"));
        assertTrue(page.contains("low-rank"), "the report says what the model is made of");

        String again = folder.resolve("again").toString();
        String from = file.toString();
        String plan = Result.of("train", "--init-from", from, "--dry-run", "--out", again)
                .mustWork()
                .out();
        assertTrue(plan.contains(summary), plan);
        Result.of("train", "--init-from", from, "--epochs", "1", "--out", again).mustWork();
        assertEquals(
                spec(64), StoredModel.read(Path.of(again, "model.safetensors")).spec());
        exported(run, file);
    }

    private void exported(String run, Path file) throws Exception {
        Path onnx = folder.resolve("model.onnx");
        Result.of("export", run, "--out", onnx.toString()).mustWork();
        float[] z = {0.3f, -1, 0.7f, 2, 0, -0.2f};
        try (VaeService service =
                        VaeService.builder(file).backend("cpu").replicas(1).build();
                OnnxRuntime runtime = new OnnxRuntime(Files.readAllBytes(onnx))) {
            float[] x = service.decode(z);
            float[] mean = service.encode(x);
            Map<String, float[]> found = runtime.run(2, Map.of("x", x, "noise", new float[6]));
            assertArrayEquals(mean, found.get("mu"), 1e-4f);
            assertArrayEquals(service.decode(mean), found.get("x_mean"), 1e-4f);
        }
    }

    /** By central differences on the float64 reference; the float32 backends agree with it. */
    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void itsGradientsAreThoseOfTheLoss(String name) {
        Objective objective = Objectives.vae();
        try (Backend backend = Backends.open(name);
                Backend reference = Backends.reference();
                TinyModel model = new TinyModel(backend, spec(6), 4, 1);
                TinyModel exact = new TinyModel(reference, spec(6), 4, 1)) {
            model.step(objective, model.activations(objective));
            double steepest = 0;
            for (String parameter :
                    List.of("encoder.0.down.weight", "encoder.0.bias", "decoder.0.weight", "mu.weight")) {
                double[] gradient = model.gradients.tensor(parameter).toDoubles();
                Tensor weights = exact.parameters.tensor(parameter);
                for (int i : new int[] {0, gradient.length / 2, gradient.length - 1}) {
                    double slope =
                            (loss(exact, objective, weights, i, 1e-5) - loss(exact, objective, weights, i, -1e-5))
                                    / 2e-5;
                    assertEquals(slope, gradient[i], 1e-4 * Math.max(1, Math.abs(slope)), parameter + " " + i);
                    steepest = Math.max(steepest, Math.abs(slope));
                }
            }
            assertTrue(steepest > 0.1, "the gradients say something: " + steepest);
        }
    }

    private static double loss(TinyModel model, Objective objective, Tensor weights, int place, double change) {
        double[] values = weights.toDoubles();
        double[] moved = values.clone();
        moved[place] += change;
        weights.write(moved);
        double loss = model.step(objective, model.activations(objective));
        weights.write(values);
        return loss;
    }

    @Test
    void kindsThatWereNotAddedAreRefused() {
        String json = spec(6).toJson().replace("low-rank", "no-rank");
        String message = assertThrows(IllegalArgumentException.class, () -> Network.of(VaeSpec.fromJson(json)))
                .getMessage();
        assertEquals("layer 'no-rank' is not one of dense, conv, conv-transposed, low-rank", message);
        Component square = Component.of("low-rank").with("width", 6);
        VaeSpec spec = spec(6).withLayers(List.of(square), List.of(square));
        message = assertThrows(IllegalArgumentException.class, () -> Network.of(spec))
                .getMessage();
        assertEquals("layer low-rank: field 'rank' is missing", message);
    }
}
