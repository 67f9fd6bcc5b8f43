package dev.elbo.verify;

import dev.elbo.backend.ColumnOps;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import dev.elbo.model.Columns.Column;
import dev.elbo.tensor.ElementType;
import dev.elbo.verify.Argument.Place;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The cases of {@code columnInputs}, {@code columnLoss} and {@code columnMean}. */
final class ColumnCases {
    private static final String ALL = "loss dOutput dLogVar dLogDispersion";
    private static final double MISSING = 0.2;

    /**
     * Each kind alone, all of them, as many columns as a warp has lanes and their neighbours, categories about the 32 that one lane
     * takes, and many.
     */
    private static final List<Columns> TABLES = List.of(
            of("g"),
            of("b"),
            of("c", 2),
            of("p"),
            of("n"),
            of("gbcpngcnpb", 3, 7),
            of("gn".repeat(15) + "c", 32),
            of("bpgn".repeat(8)),
            of("gpn".repeat(11)),
            of("c", 33),
            of("gccnc", 32, 33, 40),
            of("nbccg", 1000, 5),
            of("gcbpn".repeat(13), 4, 2, 3, 70, 5, 6, 2, 2, 9, 3, 35, 2, 3));

    private static final int[][] BATCHES = {{1, 1}, {7, 3}, {33, 1}, {12, 5}, {129, 1}};
    private static final int[] GAPS = {0, 3, Place.WHOLE_QUADS, 0};

    private ColumnCases() {}

    /** Makes columns of kinds by their initials, the categorical ones of these sizes in turn. */
    private static Columns of(String kinds, int... sizes) {
        List<Column> columns = new ArrayList<>();
        int next = 0;
        for (char initial : kinds.toCharArray()) {
            ColumnKind kind = Arrays.stream(ColumnKind.values())
                    .filter(each -> each.label().charAt(0) == initial)
                    .findFirst()
                    .orElseThrow();
            columns.add(kind == ColumnKind.CATEGORICAL ? new Column(kind, sizes[next++]) : Column.of(kind));
        }
        return new Columns(columns);
    }

    private static String label(Columns columns, int batch, int samples, int gap) {
        return "%d × %d samples, %d places of %d columns%s"
                .formatted(batch, samples, columns.features(), columns.all().size(), Place.label(gap));
    }

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        for (int t = 0; t < TABLES.size(); t++) {
            for (int turn = 0; turn < 2; turn++) {
                int[] batch = BATCHES[(t + turn) % BATCHES.length];
                int gap = GAPS[(t + 2 * turn) % GAPS.length];
                cases.add(inputs(TABLES.get(t), batch[0], gap));
                cases.add(mean(TABLES.get(t), batch[0], gap));
                cases.add(loss(TABLES.get(t), batch[0], batch[1], turn == 0, ALL, gap));
            }
        }
        Columns mixed = of("gbcpngcnpb", 3, 7);
        for (String outputs : List.of("loss", "dOutput", "dLogVar", "dLogDispersion", "loss dLogVar")) {
            cases.add(loss(mixed, 21, 2, false, outputs, 0));
        }
        // rows for several threads, and columns in several blocks of the sums over rows
        cases.add(loss(of("gn".repeat(40)), 1050, 3, true, ALL, 0));
        cases.add(edges());
        cases.add(notFinite());
        cases.add(inputsOfEdges());
        CountGrid.all(cases);
        return cases;
    }

    static OpCase.Builder begin(String op, String label, Columns columns) {
        return OpCase.of(op, label)
                .input("columns", ElementType.INT32, columns.all().size(), Columns.FIELDS, ColumnBounds.table(columns));
    }

    /** Adds values of each column's kind, with gaps. */
    private static OpCase.Builder values(OpCase.Builder c, Columns columns, int batch) {
        int cols = columns.features();
        double[] x = new double[batch * cols];
        int place = 0;
        for (Column column : columns.all()) {
            double[] gaps = c.draw().uniform(batch, 0, 1);
            double[] values = draw(c.draw(), column, batch);
            for (int b = 0; b < batch; b++) {
                for (int i = 0; i < column.size(); i++) {
                    double value = column.kind() == ColumnKind.CATEGORICAL ? (values[b] == i ? 1 : 0) : values[b];
                    x[b * cols + place + i] = gaps[b] < MISSING ? Double.NaN : value;
                }
            }
            place += column.size();
        }
        return c.input("x", batch, cols, x).zerosMeant("most places of categories are 0");
    }

    private static double[] draw(Draw draw, Column column, int count) {
        return switch (column.kind()) {
            case GAUSSIAN -> draw.normal(count);
            case BERNOULLI -> draw.integers(count, 0, 1);
            case CATEGORICAL -> draw.integers(count, 0, column.size() - 1);
            case POISSON, NEGATIVE_BINOMIAL ->
                Arrays.stream(draw.uniform(count, -1, 7))
                        .map(log -> Math.floor(Math.exp(log)))
                        .toArray();
        };
    }

    private static OpCase inputs(Columns columns, int batch, int gap) {
        OpCase.Builder c = begin("columnInputs", label(columns, batch, 1, gap), columns);
        return inputs(values(c, columns, batch).gap(gap), gap);
    }

    private static OpCase inputs(OpCase.Builder c, int gap) {
        Argument x = c.argument("x");
        return c.output("inputs", x.rows(), x.cols(), ColumnBounds.INPUTS)
                .gap(gap, 1)
                .call((ops, a) -> ops.columnInputs(a.get("x"), a.get("columns"), a.get("inputs")));
    }

    /** Counts that are no whole numbers too: the bound is of any. */
    private static OpCase inputsOfEdges() {
        double[] x = {
            0, 1e-30, 1e-7, 1e-3, 0.25, 0.41, 0.42, 0.75, 1, 1.0000001, 2, 3, 12, 1e3, 1e6, 16777217, 1e30, Double.NaN
        };
        Columns columns = of("p".repeat(x.length));
        return inputs(begin("columnInputs", "counts of any size", columns).input("x", 1, x.length, x), 0);
    }

    private static OpCase mean(Columns columns, int batch, int gap) {
        int cols = columns.features();
        return begin("columnMean", label(columns, batch, 1, gap), columns)
                .normals("output", batch, cols, 0.5, 3)
                .gap(gap)
                .output("mean", batch, cols, ColumnBounds.MEAN)
                .gap(gap, 1)
                .call((ops, a) -> ops.columnMean(a.get("output"), a.get("columns"), a.get("mean")));
    }

    private static OpCase loss(Columns columns, int batch, int samples, boolean weighted, String outputs, int gap) {
        String options = (weighted ? ", row weights, " : ", ") + outputs;
        OpCase.Builder c = begin("columnLoss", label(columns, batch, samples, gap) + options, columns);
        values(c, columns, batch).gap(gap);
        c.normals("output", samples * batch, columns.features(), 0.5, 2).gap(gap, 1);
        parameters(c, columns, gap);
        return finish(c, weighted, outputs, gap);
    }

    private static void parameters(OpCase.Builder c, Columns columns, int gap) {
        int gaussians = columns.count(ColumnKind.GAUSSIAN);
        int dispersed = columns.count(ColumnKind.NEGATIVE_BINOMIAL);
        if (gaussians > 0) {
            c.normals("logVar", 1, gaussians, -1, 1).shift(gap);
        }
        if (dispersed > 0) {
            c.normals("logDispersion", 1, dispersed, 0.5, 2).shift(gap);
        }
    }

    /** Adds what is written and the call; of outputs what there are parameters for. */
    static OpCase finish(OpCase.Builder c, boolean weighted, String outputs, int gap) {
        int rows = c.argument("output").rows();
        int cols = c.argument("output").cols();
        double scale = 1.0 / c.argument("x").rows();
        c.column("rowWeight", weighted ? rows : 0, 0.4, 0.5);
        if (outputs.contains("loss")) {
            c.output("loss", rows, 1, ColumnBounds.LOSS);
        }
        if (outputs.contains("dOutput")) {
            c.output("dOutput", rows, cols, ColumnBounds.dOutput(scale)).gap(gap, 2);
        }
        Argument logVar = c.argument("logVar");
        if (outputs.contains("dLogVar") && logVar != null) {
            c.output("dLogVar", 1, logVar.cols(), ColumnBounds.dLogVar(scale));
        }
        Argument logDispersion = c.argument("logDispersion");
        if (outputs.contains("dLogDispersion") && logDispersion != null) {
            c.output("dLogDispersion", 1, logDispersion.cols(), ColumnBounds.dLogDispersion(scale));
        }
        return c.call((ops, a) -> ops.columnLoss(
                a.get("output"),
                a.get("x"),
                a.get("columns"),
                a.optional("logVar"),
                a.optional("logDispersion"),
                a.optional("rowWeight"),
                scale,
                a.optional("loss"),
                a.optional("dOutput"),
                a.optional("dLogVar"),
                a.optional("dLogDispersion")));
    }

    /** Variances, dispersions and means of counts at and beyond their bounds. */
    private static OpCase edges() {
        double[] edges = LatentCases.EDGES;
        double most = ColumnOps.MAX_LOG_MEAN;
        double[] means = {
            -1e4, -most - 1, Math.nextDown((float) -most), -most, most, Math.nextUp((float) most), most + 1, 1e4, 0.5
        };
        Columns columns = of("g".repeat(edges.length) + "n".repeat(edges.length) + "p".repeat(5));
        int cols = columns.features();
        OpCase.Builder c = begin("columnLoss", "parameters and means at and beyond their bounds", columns);
        values(c, columns, means.length);
        double[] output = c.draw().normal(means.length * cols);
        for (int i = 0; i < output.length; i++) {
            // in turn, so that each column has all of them
            output[i] = i % cols < edges.length ? output[i] : means[(i + i / cols) % means.length];
        }
        c.input("output", means.length, cols, output)
                .input("logVar", 1, edges.length, edges.clone())
                .input("logDispersion", 1, edges.length, edges.clone());
        return finish(c, true, ALL, 0);
    }

    /** NaN and infinities in outputs and parameters reach what is observed, and nothing else. */
    private static OpCase notFinite() {
        Columns columns = of("gbcpngccbpgn", 3, 4, 40);
        int cols = columns.features();
        int rows = 24;
        OpCase.Builder c = begin("columnLoss", "NaN and infinities", columns);
        values(c, columns, rows);
        double[] output = c.draw().normal(rows * cols);
        for (int r = 0; r < 15; r++) {
            // in several columns of a row, some of which are missing
            output[r * cols + r * 7 % cols] = Double.NaN;
            output[r * cols + (r * 11 + 5) % 17] = r % 2 == 0 ? Double.NEGATIVE_INFINITY : Double.NaN;
        }
        // a row of which nothing is observed
        double[] x = c.argument("x").given().values();
        Arrays.fill(x, (rows - 1) * cols, rows * cols, Double.NaN);
        Arrays.fill(output, (rows - 1) * cols, rows * cols, Double.NaN);
        c.input("output", rows, cols, output)
                .input("logVar", 1, 3, -1, Double.NaN, 0.5)
                .input("logDispersion", 1, 2, Double.NaN, 1);
        return finish(c, false, ALL, 0);
    }
}
