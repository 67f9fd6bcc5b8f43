package dev.elbo.serve;

import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.analysis.AnomalyScore;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.analysis.DataSource;
import dev.elbo.analysis.Inference;
import dev.elbo.analysis.InputSchema;
import dev.elbo.analysis.LogJacobian;
import dev.elbo.analysis.Scores;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.Standardization;
import dev.elbo.data.TableText;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.MixedTable;
import dev.elbo.model.Table;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.ModelFile;
import dev.elbo.net.TinyModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows of a table with gaps, asked of a service, on the float64 reference. */
class ServiceColumnsTest {
    private static final int WIDTH = MixedTable.PLACES;
    private static final int ROWS = 40;
    private static final float GAP = Float.NaN;
    private static final String UNIT = "{\"mean\":[40,0,0,0,0,0,1.7,60,0],\"deviation\":[12,1,1,1,1,1,0.1,9.5,1]}";

    @TempDir
    private Path folder;

    private Path model;

    @BeforeEach
    void write() {
        model = folder.resolve("model.safetensors");
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(Table.KEY, MixedTable.TABLE.toJson());
        metadata.put(Standardization.KEY, UNIT);
        write(metadata);
    }

    private void write(Map<String, String> metadata) {
        VaeSpec spec = VaeSpec.mlp(
                WIDTH, List.of(7), 3, Activation.TANH, Likelihood.columns(MixedTable.TABLE.modelled()), true);
        try (Backend backend = Backends.reference();
                TinyModel tiny = new TinyModel(backend, spec, 1, 1)) {
            ModelFile.write(model, tiny.vae, metadata);
        }
    }

    private VaeService service() {
        return VaeService.builder(model).backend("reference").replicas(1).build();
    }

    /** Rows in the unit of the data. */
    private static float[] rows() {
        float[] rows = MixedTable.rows(ROWS, 3);
        Standardization.fromJson(UNIT, WIDTH).invert(rows);
        return rows;
    }

    private static float[][] apart(float[] rows) {
        return Rows.unpack(rows, WIDTH);
    }

    private interface Work {
        void on(InputSchema inputs, ModelFile.Loaded loaded, DataSource source, Dataset data);
    }

    private void byHand(Work work) {
        try (Backend backend = Backends.reference();
                ModelFile.Loaded loaded = ModelFile.read(model, backend)) {
            InputSchema inputs = InputSchema.of("model", loaded);
            Dataset data = inputs.standardize(Dataset.of("rows", MixedTable.TABLE, rows()));
            try (DataSource source = DataSource.of(backend, data, DataPlacement.RESIDENT)) {
                work.on(inputs, loaded, source, data);
            }
        }
    }

    @Test
    void codesAndReconstructionsAreThoseOfTheData() {
        try (VaeService service = service()) {
            float[] asked = rows();
            byHand((inputs, loaded, source, data) -> {
                Inference inference = new Inference(loaded.vae(), 4);
                float[] codes = inference.encode(source, false);
                float[] made = inputs.unstandardize(inference.reconstruct(source));
                float[] drawn = inputs.unstandardize(inference.outputDraws().reconstruct(source));
                assertArrayEquals(codes, service.encode(asked), 1e-6f);
                assertArrayEquals(codes, service.encode(wide(asked)), 1e-6f);
                assertArrayEquals(made, service.reconstruct(asked), 1e-4f);
                assertArrayEquals(drawn, service.outputDraws(4).reconstruct(asked), 1e-4f);
                assertArrayEquals(apart(made)[7], service.reconstruct(apart(asked))[7], 1e-4f);
            });
            assertArrayEquals(rows(), asked, "what was asked is not touched");
            float[] sampled = service.sample(5, 1);
            for (int row = 0; row < 5; row++) {
                int at = row * WIDTH;
                assertEquals(1, sampled[at + 2] + sampled[at + 3] + sampled[at + 4], 1e-6, "probabilities");
            }
        }
    }

    @Test
    void onlyWhatIsThereCountsInAScore() {
        for (AnomalyScore kind : AnomalyScore.values()) {
            try (VaeService service = service()) {
                byHand((inputs, loaded, source, data) -> {
                    double[] scores =
                            LogJacobian.of(data).undo(new Scores(loaded.vae(), kind, 16, 0).compute(source, "rows"));
                    assertArrayEquals(scores, service.anomalyScores(rows(), kind), 1e-5);
                    assertArrayEquals(scores, service.anomalyScores(wide(rows()), kind), 1e-5);
                    assertArrayEquals(scores, service.anomalyScores(apart(rows()), kind), 1e-5);
                    assertArrayEquals(
                            scores,
                            service.anomalyScores(Stream.of(apart(rows())), kind)
                                    .toArray(),
                            1e-5);
                });
                double[] empty = service.anomalyScores(nothing(), kind);
                assertEquals(0, kind == AnomalyScore.RECONSTRUCTION ? empty[0] : 0, "nothing is there to explain");
                assertTrue(Double.isFinite(empty[0]));
            }
        }
    }

    private static float[] nothing() {
        float[] nothing = new float[WIDTH];
        Arrays.fill(nothing, GAP);
        return nothing;
    }

    private static double[] wide(float[] rows) {
        return IntStream.range(0, rows.length).mapToDouble(i -> rows[i]).toArray();
    }

    /** Whatever else a NaN says. */
    @Test
    void theBitsOfAGapDoNotCount() {
        float[] other = rows();
        for (int i = 0; i < other.length; i++) {
            other[i] = Float.isNaN(other[i]) ? Float.intBitsToFloat(0xffc1_2345) : other[i];
        }
        try (VaeService service = service()) {
            assertArrayEquals(service.encode(rows()), service.encode(other));
            assertArrayEquals(service.reconstruct(rows()), service.reconstruct(other));
            assertArrayEquals(
                    service.anomalyScores(rows(), AnomalyScore.NEGATIVE_ELBO),
                    service.anomalyScores(other, AnomalyScore.NEGATIVE_ELBO));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "0; Infinity; column 0 (from 0, 'age') is Infinity; remove",
                "1; 0.5; column 1 (from 0, 'smokes') is 0.5; holds 0 and 1",
                "2; NaN; column 2 (from 0, 'colour') has NaN in 1 of its 3 places; missing as a whole",
                "3; 1; column 2 (from 0, 'colour') holds; one place of a category is 1",
                "2; 0; column 2 (from 0, 'colour') holds 0.0, 0.0, 0.0; one place of a category is 1",
                "5; -1; column 5 (from 0, 'visits') is -1.0; whole numbers from 0 on",
                "8; 2.5; column 8 (from 0, 'claims') is 2.5; whole numbers from 0 on"
            })
    void whatIsNoValueOfItsColumnIsNamed(int place, float value, String where, String what) {
        float[] rows = rows();
        int row = 5;
        float[] good = {30, 1, 1, 0, 0, 3, 1.8f, 70, 2};
        System.arraycopy(good, 0, rows, row * WIDTH, WIDTH);
        try (VaeService service = service()) {
            service.encode(rows);
            rows[row * WIDTH + place] = value;
            refused(() -> service.encode(rows), "encode: row 5, " + where, what);
            refused(() -> service.encode(wide(rows)), "encode: row 5, " + where, what);
            refused(() -> service.reconstruct(apart(rows)), "reconstruct: row 5, " + where, what);
            AnomalyScore kind = AnomalyScore.RECONSTRUCTION;
            refused(() -> service.anomalyScores(rows, kind), "anomalyScores: row 5, " + where, what);
            List<float[]> long40 = new ArrayList<>(List.of(apart(rows())));
            long40.add(apart(rows)[row]);
            refused(
                    () -> service.anomalyScores(long40.stream(), kind).toArray(),
                    "anomalyScores: row 40, " + where,
                    what);
        }
    }

    @Test
    void numbersTooFarForFloat32AreNamed() {
        double[] rows = wide(rows());
        rows[0] = 1e300;
        float[] codes = new float[3];
        codes[1] = GAP;
        try (VaeService service = service()) {
            refused(() -> service.encode(rows), "row 0, column 0 (from 0) is 1.0E300", "too far");
            refused(() -> service.decode(codes), "row 0, column 1", "NaN");
        }
    }

    @Test
    void wordsAreAskedAndAnsweredWithTheTable() {
        try (VaeService service = service()) {
            TableText text = new TableText(service.inputs().table().orElseThrow());
            float[] row = text.encode("41", "north", "yes", "blue, dark", null, "1.75", "", "3");
            assertArrayEquals(new float[] {41, 1, 0, 0, 1, GAP, 1.75f, GAP, 3}, row);
            String[] made = text.decode(service.reconstruct(row));
            assertEquals(8, made.length);
            assertEquals("north", made[1]);
            assertTrue(List.of("red", "green", "blue, dark").contains(made[3]));
            assertFalse(Arrays.asList(made).contains(null));
        }
    }

    /** Named by their numbers. */
    @Test
    void aFileWithoutNamesIsServedToo() {
        write(Map.of());
        try (VaeService service = service()) {
            assertEquals(
                    List.of("x0", "x1", "x2=0", "x2=1", "x2=2", "x3", "x4", "x5", "x6"),
                    service.inputs().columns());
            float[] codes = service.encode(MixedTable.rows(2, 3));
            assertNotEquals(codes[0], codes[3]);
            float[] rows = nothing();
            rows[6] = Float.NEGATIVE_INFINITY;
            refused(() -> service.encode(rows), "column 6 (from 0, 'x4') is -Infinity");
        }
    }
}
