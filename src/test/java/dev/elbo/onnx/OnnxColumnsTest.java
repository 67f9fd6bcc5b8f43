package dev.elbo.onnx;

import static dev.elbo.io.Failures.refused;
import static dev.elbo.onnx.OnnxFiles.change;
import static dev.elbo.onnx.OnnxFiles.node;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl;
import dev.elbo.model.Activation;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import dev.elbo.model.Columns.Column;
import dev.elbo.model.Likelihood;
import dev.elbo.model.MixedTable;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.StoredModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** ONNX Runtime gives of tables with gaps what the float64 reference gives. */
class OnnxColumnsTest {
    private static final Columns MIXED = MixedTable.TABLE.modelled();
    /** Of its gaussian places 0, 6 and 7. */
    private static final Affine DATA = new Affine(
            new double[] {40.7, 0, 0, 0, 0, 0, 20_000.3, -3, 0}, new double[] {12.5, 1, 1, 1, 1, 1, 2, .01, 1});

    @TempDir
    private Path folder;

    private static VaeSpec spec(Columns columns, boolean plain) {
        return VaeSpec.mlp(columns.features(), List.of(8, 5), 3, Activation.TANH, Likelihood.columns(columns), !plain);
    }

    private void requireSame(Exported exported) throws Exception {
        for (OnnxExport.Part part : OnnxExport.Part.values()) {
            byte[] onnx = exported.bytes(folder, part);
            OnnxFileTest.requireSound(OnnxMl.ModelProto.parseFrom(onnx));
            double difference = exported.difference(onnx, 1, 7, Exported.ROWS);
            assertTrue(difference <= Exported.TOLERANCE, exported.model.spec() + ", " + part + ": " + difference);
        }
    }

    @Test
    void aMixedTableIsTheSameThere() throws Exception {
        for (Affine data : new Affine[] {null, DATA}) {
            for (boolean plain : new boolean[] {false, true}) {
                VaeSpec spec = spec(MIXED, plain);
                requireSame(new Exported(spec, data));
                requireSame(new Exported(spec.withClasses(List.of("cat", "dog")), data));
            }
        }
    }

    /** Alone, without neighbours to be cut from. */
    @ParameterizedTest
    @EnumSource
    void everyKindIsTheSameThere(ColumnKind kind) throws Exception {
        Column column = new Column(kind, kind == ColumnKind.CATEGORICAL ? 4 : 1);
        requireSame(new Exported(spec(new Columns(List.of(column)), false)));
        requireSame(new Exported(spec(new Columns(List.of(column, column)), false)));
    }

    @Test
    void aFaultIsNoticed() throws Exception {
        Exported exported = new Exported(spec(MIXED, false), DATA);
        noticed(exported, graph -> change(graph, "x.missing", values -> values[0] = 0.1f));
        noticed(exported, graph -> change(graph, "x.one", values -> values[0] = 1.1f));
        noticed(exported, graph -> node(graph, "x.seen.5").setOpType("Exp"));
        noticed(exported, graph -> node(graph, "x_mean.1").setOpType("Tanh"));
        noticed(exported, graph -> node(graph, "x_mean.2").setOpType("LogSoftmax"));
        noticed(exported, graph -> change(graph, "log_mean.max", values -> values[0] = 29));
        noticed(exported, graph -> change(graph, "x.scale", values -> values[6] = 1));
        noticed(exported, graph -> change(graph, "x_log_var.row", values -> values[1] -= 0.01f));
        noticed(exported, graph -> change(graph, "x_log_dispersion.row", values -> values[0] += 0.01f));
    }

    private void noticed(Exported exported, Consumer<OnnxMl.GraphProto.Builder> fault) throws Exception {
        exported.requireNoticed(folder, fault);
    }

    @Test
    void theOutputsAreThoseOfTheKinds() {
        StoredModel model = new Exported(spec(MIXED, false)).model;
        OnnxExport decoder = OnnxExport.of(model, OnnxExport.Part.DECODER);
        assertEquals(
                "[x_mean (batch, 9), x_log_var (batch, 3), x_log_dispersion (batch, 1)]",
                decoder.outputs().toString());
        Columns words = new Columns(List.of(new Column(ColumnKind.CATEGORICAL, 3)));
        OnnxExport whole = OnnxExport.of(new Exported(spec(words, true)).model, OnnxExport.Part.WHOLE);
        assertEquals("[x_mean (batch, 3), mu (batch, 3)]", whole.outputs().toString());
        assertEquals(
                "an example a row, in the unit of the training data, NaN where a value is missing",
                whole.inputs().get(0).meaning());
    }

    @Test
    void onlyGaussianColumnsHaveAUnit() {
        StoredModel model = new Exported(spec(MIXED, false)).model;
        double[] shift = new double[MixedTable.PLACES];
        double[] scale = new double[MixedTable.PLACES];
        Arrays.fill(scale, 1);
        shift[5] = 2;
        String refusal =
                "place 5 (from 0) is of a column of kind poisson and cannot be standardised, as by 2.0 and 1.0";
        IllegalArgumentException told = assertThrows(
                IllegalArgumentException.class,
                () -> OnnxExport.of(model, OnnxExport.Part.WHOLE, new Affine(shift, scale)));
        assertEquals(refusal, told.getMessage());
        String json = "{\"mean\":" + Arrays.toString(shift) + ",\"deviation\":[1]}";
        StoredModel stored = new StoredModel(model.spec(), model.tensors(), Map.of("elbo.standardization", json));
        refused(() -> OnnxExport.of(stored, OnnxExport.Part.WHOLE), "'elbo.standardization'", refusal);
    }
}
