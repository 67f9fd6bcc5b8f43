package dev.elbo.net;

import dev.elbo.backend.ColumnOps;
import dev.elbo.backend.LogDispersion;
import dev.elbo.backend.LogVariance;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import dev.elbo.model.Columns.Placed;
import dev.elbo.net.OperatorGraph.Attribute;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The operators of a table's columns in an inference graph: those of {@link ColumnOps} but the loss. */
record ColumnOperators(Columns columns, OperatorGraph graph) {
    private static final Attribute ALONG_ROWS = new Attribute("axis", 1);

    /** Neighbouring places of one kind; a categorical column has its own, since its probabilities add up to one. */
    private record Run(ColumnKind kind, int from, int to) {}

    private List<Run> runs() {
        List<Run> runs = new ArrayList<>();
        for (Placed column : columns.placed()) {
            int last = runs.size() - 1;
            boolean joins =
                    last >= 0 && column.kind() != ColumnKind.CATEGORICAL && runs.get(last).kind == column.kind();
            if (joins) {
                runs.set(last, new Run(column.kind(), runs.get(last).from, column.end()));
            } else {
                runs.add(new Run(column.kind(), column.first(), column.end()));
            }
        }
        return runs;
    }

    /** Adds what is computed of the places of a run: takes its name and that of the result. */
    private interface Piece {
        void add(ColumnKind kind, String x, String y);
    }

    private String pieces(String x, String y, Piece piece) {
        List<Run> runs = runs();
        if (runs.size() == 1) {
            piece.add(runs.get(0).kind, x, y);
            return y;
        }
        String axis = graph.integers(y + ".axis", 1);
        List<String> results = new ArrayList<>();
        for (Run run : runs) {
            String place = y + "." + run.from;
            String from = graph.integers(place + ".from", run.from);
            String to = graph.integers(place + ".to", run.to);
            piece.add(run.kind, graph.node("Slice", place + ".taken", List.of(x, from, to, axis)), place);
            results.add(place);
        }
        return graph.node("Concat", y, results, ALONG_ROWS);
    }

    /** Adds the encoder's view of rows. */
    String inputs(String x) {
        graph.node("IsNaN", "x.is_missing", List.of(x));
        graph.scalar("x.missing", 0);
        graph.node("Where", "x.observed", List.of("x.is_missing", "x.missing", x));
        if (columns.all().stream().noneMatch(column -> column.kind().isCount())) {
            return "x.observed";
        }
        graph.scalar("x.one", 1);
        return pieces("x.observed", "x.seen", (kind, taken, seen) -> {
            if (kind.isCount()) {
                graph.node("Log", seen, List.of(graph.node("Add", seen + ".plus_one", List.of(taken, "x.one"))));
            } else {
                graph.node("Identity", seen, List.of(taken));
            }
        });
    }

    /** Adds the means of a decoder's output, in the unit of the data. */
    void means(String output) {
        String shifted = output;
        if (graph.dataScale().isPresent()) {
            // places that are not gaussian have the scale 1 and the shift 0
            graph.node("Mul", "output.scaled", List.of(output, "x.scale"));
            shifted = graph.node("Add", "output.shifted", List.of("output.scaled", "x.offset"));
        }
        boolean counts = columns.all().stream().anyMatch(column -> column.kind().isCount());
        if (counts) {
            graph.scalar("log_mean.min", -ColumnOps.MAX_LOG_MEAN);
            graph.scalar("log_mean.max", ColumnOps.MAX_LOG_MEAN);
        }
        pieces(shifted, "x_mean", (kind, taken, mean) -> {
            switch (kind) {
                case GAUSSIAN -> graph.node("Identity", mean, List.of(taken));
                case BERNOULLI -> graph.node("Sigmoid", mean, List.of(taken));
                case CATEGORICAL -> graph.node("Softmax", mean, List.of(taken), ALONG_ROWS);
                case POISSON, NEGATIVE_BINOMIAL -> {
                    List<String> bounded = List.of(taken, "log_mean.min", "log_mean.max");
                    graph.node("Exp", mean, List.of(graph.node("Clip", mean + ".log", bounded)));
                }
            }
        });
    }

    /** Adds an output of the clamped values of a parameter, one for each column of a kind, the same in every row. */
    void parameter(ColumnKind kind, String parameter, String name, String meaning) {
        List<Integer> places = runs().stream()
                .filter(run -> run.kind == kind)
                .flatMap(run -> IntStream.range(run.from, run.to).boxed())
                .toList();
        if (places.isEmpty()) {
            return;
        }
        float[] values = graph.values(parameter).orElseThrow().clone();
        for (int i = 0; i < values.length; i++) {
            boolean variance = kind == ColumnKind.GAUSSIAN;
            values[i] = variance ? LogVariance.clamp(values[i]) : (float) LogDispersion.clamp(values[i]);
            if (variance && graph.dataScale().isPresent()) {
                double scale = graph.dataScale().get()[places.get(i)];
                values[i] += (float) (2 * StrictMath.log(scale));
            }
        }
        graph.constant(name + ".row", new int[] {1, values.length}, values);
        String first = graph.integers(name + ".first", 0);
        String second = graph.integers(name + ".second", 1);
        graph.node("Slice", name + ".column", List.of("x_mean", first, second, second));
        graph.node("Shape", name + ".rows", List.of(name + ".column"));
        graph.node("Expand", name, List.of(name + ".row", name + ".rows"));
        graph.output(name, values.length, meaning);
    }
}
