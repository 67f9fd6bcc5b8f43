package dev.elbo.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.Backend;
import dev.elbo.cpu.CpuBackend;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import dev.elbo.model.Columns.Column;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bits of what a backend makes of columns: those of any number of threads, and of anything that lies where a value is missing. */
class ColumnBitsTest {
    private static final int BATCH = 67;
    private static final int SAMPLES = 3;
    private static final int ROWS = SAMPLES * BATCH;

    /** All kinds several times, and categories for one lane and for all of them; then one column alone. */
    static final List<Columns> TABLES = List.of(
            table(3, 2, 9, 33, 1000),
            table(9, 2, 7, 32, 40, 3, 2, 5, 4, 2),
            new Columns(List.of(new Column(ColumnKind.CATEGORICAL, 100))),
            new Columns(List.of(Column.of(ColumnKind.NEGATIVE_BINOMIAL))));

    private static Columns table(int each, int... sizes) {
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < each; i++) {
            for (ColumnKind kind : ColumnKind.values()) {
                columns.add(kind == ColumnKind.CATEGORICAL ? new Column(kind, sizes[i]) : Column.of(kind));
            }
        }
        for (int i = each; i < sizes.length; i++) {
            columns.add(new Column(ColumnKind.CATEGORICAL, sizes[i]));
        }
        return new Columns(columns);
    }

    /** Inputs of the operations, with a fifth of the cells missing. */
    static final class Values {
        final float[] x;
        final float[] output;

        Values(Columns columns) {
            int cols = columns.features();
            Draw draw = new Draw(5);
            x = new float[BATCH * cols];
            output = floats(draw.normal(ROWS * cols, 0.5, 3));
            // also what is clamped
            for (int i = 0; i < output.length; i += 41) {
                output[i] *= 12;
            }
            int place = 0;
            for (Column column : columns.all()) {
                double[] uniforms = draw.uniform(BATCH, 0, 1);
                double[] normals = draw.normal(BATCH);
                for (int b = 0; b < BATCH; b++) {
                    for (int i = 0; i < column.size(); i++) {
                        double value = switch (column.kind()) {
                            case GAUSSIAN -> normals[b];
                            case BERNOULLI -> uniforms[b] < 0.5 ? 1 : 0;
                            case CATEGORICAL -> (int) (uniforms[b] * column.size()) == i ? 1 : 0;
                            case POISSON, NEGATIVE_BINOMIAL -> Math.floor(Math.exp(2 + 4 * normals[b]));
                        };
                        x[b * cols + place + i] = b * 7 % 5 == place % 5 ? Float.NaN : (float) value;
                    }
                }
                place += column.size();
            }
        }
    }

    private static float[] floats(double... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    private static int[] bits(Tensor tensor) {
        double[] values = tensor.toDoubles();
        // of NaN, that it is one
        return Arrays.stream(values)
                .mapToInt(value -> Float.floatToIntBits((float) value))
                .toArray();
    }

    private static Tensor of(Scratch s, int rows, int cols, float[] values) {
        Tensor tensor = s.zeros(rows, cols);
        tensor.write(values);
        return tensor;
    }

    /** What a backend makes of the values: inputs, mean, loss and gradients, in bits. */
    static int[][] run(Backend backend, Columns columns, Values values) {
        try (Scratch s = new Scratch(backend)) {
            int cols = columns.features();
            int gaussians = columns.count(ColumnKind.GAUSSIAN);
            int dispersed = columns.count(ColumnKind.NEGATIVE_BINOMIAL);
            Tensor table = s.zeros(ElementType.INT32, columns.all().size(), Columns.FIELDS);
            table.write(columns.table());
            Draw draw = new Draw(7);
            Tensor x = of(s, BATCH, cols, values.x);
            Tensor output = of(s, ROWS, cols, values.output);
            Tensor logVar = gaussians == 0 ? null : s.real(1, gaussians, draw.normal(gaussians, -1, 2));
            Tensor logDispersion = dispersed == 0 ? null : s.real(1, dispersed, draw.normal(dispersed, 0, 4));
            Tensor rowWeight = s.real(ROWS, 1, draw.uniform(ROWS, -0.5, 1.5));
            Tensor inputs = s.zeros(BATCH, cols);
            Tensor mean = s.zeros(ROWS, cols);
            Tensor loss = s.zeros(ROWS, 1);
            Tensor dOutput = s.zeros(ROWS, cols);
            Tensor dLogVar = gaussians == 0 ? null : s.zeros(1, gaussians);
            Tensor dLogDispersion = dispersed == 0 ? null : s.zeros(1, dispersed);
            s.ops().columnInputs(x, table, inputs);
            s.ops().columnMean(output, table, mean);
            s.ops()
                    .columnLoss(
                            output,
                            x,
                            table,
                            logVar,
                            logDispersion,
                            rowWeight,
                            1.0 / BATCH,
                            loss,
                            dOutput,
                            dLogVar,
                            dLogDispersion);
            List<int[]> bits = new ArrayList<>();
            for (Tensor tensor : new Tensor[] {inputs, mean, loss, dOutput, dLogVar, dLogDispersion}) {
                bits.add(tensor == null ? new int[0] : bits(tensor));
            }
            return bits.toArray(int[][]::new);
        }
    }

    @Test
    void areThoseOfAnyNumberOfThreads() {
        try (Backend one = new CpuBackend(1);
                Backend three = new CpuBackend(3)) {
            for (Columns columns : TABLES) {
                Values values = new Values(columns);
                assertArrayEquals(run(one, columns, values), run(three, columns, values));
            }
        }
    }

    /**
     * Compares with other outputs and other places of categories where a value is missing, NaN and infinities among them, and other
     * bits of NaN.
     */
    static void requireThatMissingDoesNotCount(Backend backend) {
        Columns columns = TABLES.get(0);
        int cols = columns.features();
        Values values = new Values(columns);
        int[][] expected = run(backend, columns, values);
        float[] others = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e30f, -12};
        Values changed = new Values(columns);
        int missing = 0;
        int place = 0;
        for (Column column : columns.all()) {
            for (int b = 0; b < BATCH; b++) {
                for (int i = place; Float.isNaN(values.x[b * cols + place]) && i < place + column.size(); i++) {
                    missing++;
                    changed.x[b * cols + i] = Float.intBitsToFloat(0xffc00000 | 977 * missing & 0x3fffff);
                    for (int k = 0; k < SAMPLES; k++) {
                        changed.output[(k * BATCH + b) * cols + i] = others[missing % others.length];
                    }
                }
            }
            place += column.size();
        }
        assertTrue(missing > values.x.length / 10, missing + " missing");
        int[][] found = run(backend, columns, changed);
        // the mean is of outputs alone
        assertFalse(Arrays.equals(expected[1], found[1]));
        expected[1] = found[1];
        assertArrayEquals(expected, found);
        for (int bits : expected[2]) {
            assertTrue(Float.isFinite(Float.intBitsToFloat(bits)));
        }
    }

    @Test
    void areThoseOfAnythingWhereAValueIsMissing() {
        try (Backend cpu = new CpuBackend(2)) {
            requireThatMissingDoesNotCount(cpu);
        }
    }
}
