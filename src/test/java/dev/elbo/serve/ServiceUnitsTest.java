package dev.elbo.serve;

import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.analysis.AnomalyScore;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.Inference;
import dev.elbo.analysis.InputSchema;
import dev.elbo.analysis.Scores;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.data.Standardization;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.ModelFile;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A model of standardised values is asked and answers in the values' own unit. */
class ServiceUnitsTest {
    private static final float[] ASKED = {105, 0.002f, -3, 95, 0.001f, -5};

    @TempDir
    private Path folder;

    private Path model;

    @BeforeEach
    void train() {
        float[][] rows = new float[50][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = new float[] {100 + i % 7, 1e-3f * (i % 5), -4 + 0.1f * (i % 3)};
        }
        trainOn(Split.of(Dataset.of("own", rows).withColumns("a", "b", "c")));
    }

    private void trainOn(Split own) {
        Split data = own.standardized(Standardization.perFeature(own.train()));
        model = folder.resolve("model.safetensors");
        VaeSpec spec = VaeSpec.builder(3).hidden(8).latent(2).build();
        TrainingOptions options =
                TrainingOptions.builder().epochs(3).batchSize(16).build();
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                Trainer trainer =
                        Trainer.builder(backend, spec, data).options(options).build()) {
            trainer.run();
            trainer.save(model);
        }
    }

    private VaeService service() {
        return VaeService.builder(model).backend("cpu").replicas(1).build();
    }

    @Test
    void rowsComeBackInTheirUnit() {
        try (VaeService service = service();
                Backend backend = Backends.open("reference");
                ModelFile.Loaded loaded = ModelFile.read(model, backend)) {
            InputSchema inputs = InputSchema.of("model", loaded);
            assertEquals(List.of("a", "b", "c"), service.inputs().columns());
            Dataset asked = inputs.standardize(Dataset.of("asked", ASKED.clone(), 3));
            Inference inference = new Inference(loaded.vae(), 0);
            try (DataSource source = DataSource.of(backend, asked, DataPlacement.RESIDENT)) {
                float[] given = ASKED.clone();
                assertArrayEquals(
                        inputs.unstandardize(inference.reconstruct(source)), service.reconstruct(given), 1e-3f);
                assertArrayEquals(inference.encode(source, false), service.encode(given), 1e-4f);
                assertArrayEquals(ASKED, given, "what was asked is not touched");
            }
            float[] codes = {0.5f, -0.5f};
            assertArrayEquals(inputs.unstandardize(inference.decode(codes)), service.decode(codes), 1e-3f);
        }
    }

    @ParameterizedTest
    @EnumSource
    void scoresAreNatsOfTheirUnit(AnomalyScore kind) {
        float[] first = {ASKED[0], ASKED[1], ASKED[2]};
        try (VaeService service = service();
                Backend backend = Backends.open("reference");
                ModelFile.Loaded loaded = ModelFile.read(model, backend)) {
            InputSchema inputs = InputSchema.of("model", loaded);
            try (DataSource source =
                    DataSource.of(backend, inputs.standardize(Dataset.of("asked", first, 3)), DataPlacement.RESIDENT)) {
                double[] standardized = new Scores(loaded.vae(), kind, 16, 0).compute(source, "asked");
                assertEquals(
                        standardized[0] + inputs.logJacobian(first, 0), service.anomalyScores(first, kind)[0], 1e-3);
            }
        }
    }

    @Test
    void whatIsTooFarIsNamed() {
        float[] far = ASKED.clone();
        far[4] = 3e38f;
        try (VaeService service = service()) {
            refused(() -> service.encode(far), "encode", "row 1", "column 1", "too far");
        }
    }

    @Test
    void digitsOfFloat64CountUntilTheyAreStandardised() {
        double[][] rows = new double[60][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = new double[] {1.7e9 + i, 1e40 * (i % 5), -i};
        }
        trainOn(Split.of(Dataset.of("times", rows)));
        try (VaeService service = service()) {
            double[] asked = {1.7e9 + 3, 2e40, -3, 1.7e9 + 4, 2e40, -4};
            Standardization unit = service.inputs().standardization().orElseThrow();
            float[] codes = service.encode(asked);
            assertNotEquals(codes[0], codes[2], "a second apart");
            double[] made = service.reconstruct(asked);
            assertEquals(6, made.length);
            assertNotEquals(made[0], made[3]);
            assertEquals(1.7e9, made[0], 5 * unit.deviation()[0]);
            double[] scores = service.anomalyScores(asked, AnomalyScore.NEGATIVE_ELBO);
            assertTrue(Math.abs(scores[0] - scores[1]) > 0);
            refused(() -> service.encode(new double[] {1e300, 0, 0}), "row 0", "column 0", "too far");
            refused(() -> service.encode(new double[] {0, 0, Double.NaN}), "row 0", "column 2", "NaN");
            refused(() -> service.encode(new double[4]), "4 values do not divide into rows of 3");
        }
    }

    /** Once, whatever is asked, and of rows that count: what is left of an earlier batch does not. */
    @Test
    void valuesFarOutsideAreToldOfOnce() {
        List<String> notes = new ArrayList<>();
        try (VaeService service = VaeService.builder(model)
                .backend("cpu")
                .replicas(1)
                .onNote(notes::add)
                .build()) {
            service.encode(new float[] {105, 0.002f, -4});
            assertEquals(
                    3,
                    service.anomalyScores(
                                    Stream.of(
                                            new float[] {100, 0, -4}, new float[] {101, 0, -4}, new float[] {102, 0, -4
                                            }),
                                    AnomalyScore.NEGATIVE_ELBO)
                            .toArray()
                            .length);
            assertEquals(List.of(), notes);
            service.anomalyScores(new float[] {100, 0, -4, 100, 4, -4}, AnomalyScore.NEGATIVE_ELBO);
            assertEquals(1, notes.size(), notes.toString());
            assertTrue(
                    notes.get(0).startsWith("anomalyScores: row 1, column 1 (from 0) is 4.0, far outside"),
                    notes.get(0));
            service.encode(new float[] {100, 4, -4});
            assertEquals(1, notes.size(), notes.toString());
        }
    }
}
