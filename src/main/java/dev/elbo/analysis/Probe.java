package dev.elbo.analysis;

import de.bwaldvogel.liblinear.Feature;
import de.bwaldvogel.liblinear.FeatureNode;
import de.bwaldvogel.liblinear.Linear;
import de.bwaldvogel.liblinear.Model;
import de.bwaldvogel.liblinear.Parameter;
import de.bwaldvogel.liblinear.Problem;
import de.bwaldvogel.liblinear.SolverType;
import dev.elbo.error.ElboException;
import dev.elbo.error.Interruption;
import dev.elbo.linalg.Moments;
import dev.elbo.noise.Noise;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * A linear classifier on a representation: soft-margin support vector machines, {@code ‖w‖²/2 + C Σ_i ξ_i}, one for
 * each class against the rest (LIBLINEAR: Fan et al. 2008), with the bias as a weight of a feature that is 1. Features
 * are standardised by the mean and deviation of the training part, and C is the smallest of those that cross-validation
 * within the training part finds best. The held-out part is used once, at the end. The same seed gives the same result.
 */
public final class Probe {
    /** The values of C that are tried. */
    public static final List<Double> GRID = List.of(1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0);

    /** The default tolerance of LIBLINEAR for this solver. */
    private static final double TOLERANCE = 0.1;

    /**
     * Rows of features with their labels.
     *
     * @param values N × features, row-major
     * @param features values of a row
     * @param labels N
     */
    public record Part(float[] values, int features, int[] labels) {
        public Part {
            if (features < 1 || values.length != (long) features * labels.length) {
                throw new IllegalArgumentException(
                        values.length + " values and " + labels.length + " labels do not make rows of " + features);
            }
        }
    }

    /**
     * The result of a probe.
     *
     * @param c the C that was chosen
     * @param crossValidated accuracy on the folds of the training part with each C of the grid
     * @param accuracy on the held-out part
     * @param majority accuracy there of always saying the training part's most frequent class
     * @param classes labels of both parts, ascending
     * @param confusion held-out examples by true class (row) and predicted class (column), in the order of classes
     */
    public record Result(
            double c,
            List<Double> crossValidated,
            double accuracy,
            double majority,
            List<Integer> classes,
            List<List<Integer>> confusion) {
        /** {@return held-out examples} */
        public int examples() {
            return IntStream.range(0, classes.size()).map(this::examples).sum();
        }

        private int examples(int row) {
            return confusion.get(row).stream().mapToInt(Integer::intValue).sum();
        }

        /** {@return the binomial standard error of the accuracy} */
        public double standardError() {
            return Math.sqrt(accuracy * (1 - accuracy) / examples());
        }

        /**
         * {@return the share of a class, by its place in {@link #classes}, that was found; NaN if none is held out}
         *
         * @param row place of the class
         */
        public double recall(int row) {
            return (double) confusion.get(row).get(row) / examples(row);
        }
    }

    private final int folds;
    private final long seed;

    /**
     * Creates a probe with its own division into folds.
     *
     * @param folds of the cross-validation, at least 2
     * @param seed of the folds and of the solver's order
     */
    public Probe(int folds, long seed) {
        if (folds < 2) {
            throw new IllegalArgumentException("folds must be at least 2, not " + folds);
        }
        this.folds = folds;
        this.seed = seed;
    }

    /**
     * Trains on one part and evaluates on the other.
     *
     * @param train training part
     * @param test held-out part
     * @return the result on the held-out part
     * @throws ElboException data, if there are fewer training examples than folds, or only one class; numeric, if a
     *     value is not finite
     */
    public Result run(Part train, Part test) {
        int rows = train.labels().length;
        int[] known = Arrays.stream(train.labels()).distinct().sorted().toArray();
        if (rows < folds) {
            throw ElboException.data(
                    rows + " training examples are too few for " + folds + " folds; use fewer folds or more data");
        }
        if (known.length < 2) {
            throw ElboException.data("all " + rows + " training examples have the label " + known[0]
                    + "; a probe needs at least two classes");
        }
        // off for the whole program: it would go to stdout
        Linear.disableDebugOutput();
        Scaling scaling = new Scaling(train);
        Feature[][] x = scaling.all(train);
        int[] fold = folds(train.labels());
        // the whole grid: accuracy may fall and rise again with C
        List<Double> crossValidated = crossValidate(x, train.labels(), fold, scaling);
        double c = GRID.get(crossValidated.indexOf(Collections.max(crossValidated)));
        Model model = train(x, train.labels(), row -> true, c, scaling);
        return judge(model, scaling, train, test, c, crossValidated);
    }

    /** Returns for each C the share of examples that a machine without their fold classifies correctly. */
    private List<Double> crossValidate(Feature[][] x, int[] labels, int[] fold, Scaling scaling) {
        int[][] correct = new int[GRID.size()][folds];
        Thread caller = Thread.currentThread();
        // each is of its own: the order that they run in changes nothing
        IntStream.range(0, GRID.size() * folds).parallel().forEach(i -> {
            if (caller.isInterrupted()) {
                return;
            }
            int held = i % folds;
            Model model = train(x, labels, row -> fold[row] != held, GRID.get(i / folds), scaling);
            correct[i / folds][held] = (int) IntStream.range(0, x.length)
                    .filter(row -> fold[row] == held && Linear.predict(model, x[row]) == labels[row])
                    .count();
        });
        Interruption.throwIfInterrupted("the probe");
        return Arrays.stream(correct)
                .map(hits -> (double) IntStream.of(hits).sum() / x.length)
                .toList();
    }

    /** Returns the fold of each row; the counts of a class in two folds differ by at most one. */
    private int[] folds(int[] labels) {
        int[] byClass = Arrays.stream(Noise.permutation(seed, 0, labels.length))
                .boxed()
                .sorted(Comparator.comparingInt(row -> labels[row]))
                .mapToInt(Integer::intValue)
                .toArray();
        int[] fold = new int[labels.length];
        for (int i = 0; i < byClass.length; i++) {
            fold[byClass[i]] = i % folds;
        }
        return fold;
    }

    private Model train(Feature[][] x, int[] labels, IntPredicate takes, double c, Scaling scaling) {
        int[] rows = IntStream.range(0, x.length).filter(takes).toArray();
        Problem problem = new Problem();
        problem.l = rows.length;
        problem.n = scaling.columns.length + 1;
        problem.bias = 1;
        problem.x = Arrays.stream(rows).mapToObj(row -> x[row]).toArray(Feature[][]::new);
        problem.y = Arrays.stream(rows).mapToDouble(row -> labels[row]).toArray();
        Parameter parameter = new Parameter(SolverType.L2R_L1LOSS_SVC_DUAL, c, TOLERANCE);
        parameter.setRandom(new Random(seed));
        return Linear.train(problem, parameter);
    }

    private static Result judge(
            Model model, Scaling scaling, Part train, Part test, double c, List<Double> crossValidated) {
        int[] classes = IntStream.concat(Arrays.stream(train.labels()), Arrays.stream(test.labels()))
                .distinct()
                .sorted()
                .toArray();
        int[] seen = new int[classes.length];
        for (int label : train.labels()) {
            seen[Arrays.binarySearch(classes, label)]++;
        }
        int majority = IntStream.range(0, seen.length).reduce(0, (a, b) -> seen[b] > seen[a] ? b : a);
        int[][] confusion = new int[classes.length][classes.length];
        int correct = 0;
        int ofMajority = 0;
        for (int i = 0; i < test.labels().length; i++) {
            int truth = Arrays.binarySearch(classes, test.labels()[i]);
            int said = Arrays.binarySearch(classes, (int) Linear.predict(model, scaling.row(test, i)));
            confusion[truth][said]++;
            correct += truth == said ? 1 : 0;
            ofMajority += truth == majority ? 1 : 0;
        }
        double rows = test.labels().length;
        return new Result(
                c,
                crossValidated,
                correct / rows,
                ofMajority / rows,
                Arrays.stream(classes).boxed().toList(),
                Arrays.stream(confusion)
                        .map(row -> Arrays.stream(row).boxed().toList())
                        .toList());
    }

    /** Standardisation by one part; features that are constant in it are left out. */
    private static final class Scaling {
        private final int[] columns;
        private final Moments[] moments;

        Scaling(Part part) {
            int features = part.features();
            int rows = part.labels().length;
            moments = Moments.columns(features);
            for (int i = 0; i < part.values().length; i++) {
                requireFinite(part.values()[i]);
                moments[i % features].add(part.values()[i]);
            }
            columns = IntStream.range(0, features)
                    .filter(column -> IntStream.range(1, rows)
                            .anyMatch(row -> part.values()[row * features + column] != part.values()[column]))
                    .toArray();
        }

        Feature[][] all(Part part) {
            return IntStream.range(0, part.labels().length)
                    .mapToObj(row -> row(part, row))
                    .toArray(Feature[][]::new);
        }

        Feature[] row(Part part, int row) {
            Feature[] nodes = new Feature[columns.length + 1];
            for (int i = 0; i < columns.length; i++) {
                float value = part.values()[row * part.features() + columns[i]];
                requireFinite(value);
                Moments column = moments[columns[i]];
                nodes[i] = new FeatureNode(i + 1, (value - column.mean()) / Math.sqrt(column.variance()));
            }
            nodes[columns.length] = new FeatureNode(columns.length + 1, 1);
            return nodes;
        }

        private static void requireFinite(float value) {
            if (!Float.isFinite(value)) {
                throw ElboException.numeric("an input value of the probe is " + value
                        + "; look for extreme values in the data or the model");
            }
        }
    }
}
