package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.ImageShape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Training data, and data held out for testing and validation.
 *
 * @param train the examples to train on
 * @param test the examples to evaluate the result on, if any; of as many features
 * @param validation the examples that decide when to stop and which weights to keep; if empty, the test data do; of as many
 *     features
 * @param complete whether nothing more is to be held out of the training data, even if there are no test data
 */
public record Split(Dataset train, Optional<Dataset> test, Optional<Dataset> validation, boolean complete) {
    /**
     * Validates the components. Rows of tables that were read apart become rows of one table, whose kinds and words are those
     * of all of them.
     *
     * @throws ElboException of kind DATA if two have different numbers of features, or make no table together
     */
    public Split {
        Objects.requireNonNull(train, "train");
        Objects.requireNonNull(test, "test");
        Objects.requireNonNull(validation, "validation");
        Optional<TableSources> table = TableSources.common(Stream.of(Optional.of(train), test, validation)
                .flatMap(Optional::stream)
                .toList());
        if (table.isPresent()) {
            train = train.withTable(table.get());
            test = test.map(data -> data.withTable(table.get()));
            validation = validation.map(data -> data.withTable(table.get()));
        }
        for (Optional<Dataset> apart : List.of(test, validation)) {
            if (table.isEmpty() && apart.isPresent() && apart.get().features() != train.features()) {
                throw ElboException.data(apart.get().name() + ": has "
                        + apart.get().features() + " features per example, the training data have " + train.features());
            }
        }
    }

    /** Without validation data; {@link #withTestSet()} holds out test data if there are none. */
    Split(Dataset train, Optional<Dataset> test) {
        this(train, test, Optional.empty(), false);
    }

    /**
     * Returns the examples of all, those of one after those of the other; views. Refuses the first that does not fit:
     * another number or type of features, or labels or test data that others do not have.
     */
    static Split joined(List<Split> parts) {
        Split first = parts.get(0);
        if (parts.size() == 1) {
            return first;
        }
        return new Split(
                joinedData(parts.stream().map(Split::train).toList()),
                joined(parts, Split::test, "test"),
                joined(parts, Split::validation, "validation"),
                false);
    }

    private static Optional<Dataset> joined(List<Split> parts, Function<Split, Optional<Dataset>> apart, String kind) {
        Split first = parts.get(0);
        Optional<Dataset> ofFirst = apart.apply(first);
        for (Split part : parts) {
            boolean there = apart.apply(part).isPresent();
            if (there != ofFirst.isPresent()) {
                throw ElboException.data(part.train().name() + ": " + (there ? "has" : "has no") + " " + kind
                        + " set of its own, unlike " + first.train().name() + "; read the sources separately");
            }
        }
        return ofFirst.map(some -> joinedData(
                parts.stream().map(part -> apart.apply(part).orElseThrow()).toList()));
    }

    /** Returns the examples of all; a view. Refuses the first part that does not fit. */
    private static Dataset joinedData(List<Dataset> apart) {
        Optional<TableSources> table = TableSources.common(apart);
        List<Dataset> parts = apart.stream()
                .map(part -> table.map(part::withTable).orElse(part))
                .toList();
        Dataset first = parts.get(0);
        parts.forEach(part -> requireLike(first, part));
        Optional<List<String>> labelNames = first.labelNames()
                .map(some -> parts.stream()
                        .flatMap(part -> part.labelNames().orElseThrow().stream())
                        .distinct()
                        .sorted()
                        .toList());
        Optional<int[]> labels = first.labels()
                .map(some -> parts.stream()
                        .flatMapToInt(part -> labels(part, labelNames))
                        .toArray());
        String name = parts.stream().map(Dataset::name).collect(Collectors.joining(" + "));
        Optional<ImageShape> shape =
                parts.stream().allMatch(part -> part.image().equals(first.image())) ? first.image() : Optional.empty();
        if (table.isPresent()) {
            return Dataset.unchecked(name, table.get().joined(parts), shape, 1, labels)
                    .withTable(table.get())
                    .withLabelNames(labelNames);
        }
        Optional<List<String>> columns =
                parts.stream().flatMap(part -> part.columns().stream()).findFirst();
        Rows rows = Rows.joined(parts.stream().map(Dataset::rows).toList());
        return Dataset.unchecked(name, rows, shape, first.scale(), labels).withNames(columns, labelNames);
    }

    /** The labels of a part in a numbering that has all names. */
    private static IntStream labels(Dataset part, Optional<List<String>> names) {
        IntStream own = Arrays.stream(part.labels().orElseThrow());
        if (names.isEmpty()) {
            return own;
        }
        int[] numbers = part.labelNames().orElseThrow().stream()
                .mapToInt(names.get()::indexOf)
                .toArray();
        return own.map(label -> numbers[label]);
    }

    private static void requireLike(Dataset first, Dataset other) {
        boolean table = first.sources().isPresent();
        if (!table && other.features() != first.features()) {
            throw unlike(other, "has " + other.features() + " features, " + first.name() + " has " + first.features());
        }
        if (other.isBytes() != first.isBytes() || other.scale() != first.scale()) {
            throw unlike(other, "holds " + other.type() + ", " + first.name() + " holds " + first.type());
        }
        if (!labels(other).equals(labels(first))) {
            throw unlike(other, "has " + labels(other) + ", " + first.name() + " has " + labels(first));
        }
        if (!table
                && first.columns().isPresent()
                && other.columns().isPresent()
                && !other.columns().equals(first.columns())) {
            throw unlike(other, "its columns differ in name or order from those of " + first.name());
        }
    }

    private static String labels(Dataset data) {
        return data.labels().isEmpty()
                ? "no labels"
                : data.labelNames().isEmpty() ? "labels that are numbers" : "labels that are words";
    }

    private static ElboException unlike(Dataset other, String difference) {
        return ElboException.data(other.name() + ": " + difference + "; only data of the same kind make one data set");
    }

    /**
     * Reads a data set as {@code elbo train --data} does, and holds out a tenth if it has no test set of its own.
     *
     * @param nameOrPath a name such as "digits", or the path of a file or folder, see {@link Datasets#open(String, Progress)}
     * @return its training and test data, see {@link #withTestSet()}
     * @throws ElboException as there
     */
    public static Split read(String nameOrPath) {
        Objects.requireNonNull(nameOrPath, "nameOrPath");
        return Datasets.standard().open(nameOrPath, Progress.NONE).withTestSet();
    }

    /**
     * Reads a file or folder with options, and holds out a tenth if it has no test set of its own.
     *
     * @param path a file or folder of one of the formats that {@code --data} takes
     * @param options options for reading
     * @return its training and test data, see {@link #withTestSet()}
     * @throws ElboException of kind DATA if the content cannot be read as data, IO if reading fails
     */
    public static Split read(Path path, ReadOptions options) {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(options, "options");
        // "./digits" is a path, "digits" would be the name of a data set
        String source = Path.of(".").resolve(path).toString();
        Split split = Datasets.standard()
                .open(List.of(source), options, Progress.NONE)
                .withTestSet();
        // rows that make no table are refused where they are read
        split.train().table();
        return split;
    }

    /**
     * Reads a text table with options, and holds out a tenth of its rows as test data.
     *
     * @param path a file of comma-separated or otherwise delimited text
     * @param options columns and formats
     * @return its training and test data, see {@link #withTestSet()}
     * @throws ElboException of kind DATA if the content cannot be read as data, IO if reading fails
     */
    public static Split read(Path path, CsvOptions options) {
        return read(path, ReadOptions.DEFAULT.withCsv(Objects.requireNonNull(options, "options")));
    }

    /**
     * Holds out a tenth of the examples as test data.
     *
     * @param all examples
     * @return the others as training data, and these as test data, see {@link #withTestSet()}
     * @throws ElboException of kind DATA if there is only one example
     */
    public static Split of(Dataset all) {
        return new Split(Objects.requireNonNull(all, "all"), Optional.empty()).withTestSet();
    }

    /**
     * Combines training and test data.
     *
     * @param train the examples to train on
     * @param test the examples to evaluate the result on, of as many features
     * @return both, without validation data
     * @throws ElboException of kind DATA if the two have different numbers of features
     */
    public static Split of(Dataset train, Dataset test) {
        return new Split(train, Optional.of(Objects.requireNonNull(test, "test")));
    }

    /**
     * Holds out a tenth of the examples if there are no test data. They are always the same ones, so that no model is
     * ever evaluated on what it was trained on.
     *
     * @return this split if it has test data or is complete; otherwise one whose test data are the last tenth (rounded down, at
     *     least one example) of a permutation that depends on the number of examples alone, and whose training data are the
     *     rest, each in the order of the permutation
     * @throws ElboException of kind DATA if there is only one example
     */
    public Split withTestSet() {
        if (test.isPresent() || complete) {
            return this;
        }
        List<Dataset> two = heldOut(HeldOut.of(train.name(), train.size()), " (held out)");
        return new Split(two.get(0), Optional.of(two.get(1)), validation, false);
    }

    /**
     * Replaces the test data; examples that were held out before are not returned to the training data.
     *
     * @param data the examples to evaluate the result on
     * @return training and validation data of this split, and these
     * @throws ElboException of kind DATA if they have another number of features
     */
    public Split withTestSet(Dataset data) {
        return new Split(train, Optional.of(Objects.requireNonNull(data, "data")), validation, complete);
    }

    /**
     * Appends the test data, if any, to the training data, and holds out no others.
     *
     * @return a complete split without test data
     * @throws ElboException of kind DATA if the test data do not fit behind the training data
     */
    public Split withoutTestSet() {
        if (test.isEmpty()) {
            return new Split(train, test, validation, true);
        }
        boolean labelled = train.labels().isPresent() && test.get().labels().isPresent();
        List<Dataset> both = Stream.of(train, test.get())
                .map(data -> labelled ? data : data.withoutLabels())
                .toList();
        return new Split(joinedData(both).named(train.name()), Optional.empty(), validation, true);
    }

    /**
     * Holds out a share of the training data as validation data, always the same ones as {@link #withTestSet()} does. If test
     * data are to be held out too, hold them out first.
     *
     * @param share of the training data, above 0 and below 1
     * @return a split whose validation data are the last share (rounded down, at least one example) of a permutation of the
     *     training data that depends on their number alone, and whose training data are the rest, each in its order
     * @throws IllegalArgumentException for another share
     * @throws ElboException of kind DATA if there is only one training example
     */
    public Split withValidationSet(double share) {
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException("share must be above 0 and below 1, not " + share);
        }
        List<Dataset> two = heldOut(HeldOut.of(train.name(), train.size(), share, "validation"), " (validation)");
        return new Split(two.get(0), test, Optional.of(two.get(1)), complete);
    }

    /**
     * Replaces the validation data; examples that were held out before are not returned to the training data.
     *
     * @param data the examples that decide when to stop and which weights to keep
     * @return training and test data of this split, and these
     * @throws ElboException of kind DATA if they have another number of features
     */
    public Split withValidationSet(Dataset data) {
        return new Split(train, test, Optional.of(Objects.requireNonNull(data, "data")), complete);
    }

    /** {@return training and test data of this split, which are then used for validation too} */
    public Split withoutValidationSet() {
        return new Split(train, test, Optional.empty(), complete);
    }

    /** {@return the data that select epochs: the validation data, or if there are none, the test data} */
    public Optional<Dataset> judging() {
        return validation.or(() -> test);
    }

    /** {@return training, validation and test data, as far as there are any} */
    public List<Dataset> all() {
        return Stream.of(Optional.of(train), validation, test)
                .flatMap(Optional::stream)
                .toList();
    }

    /** Returns the training data that are kept, and the last share of the permutation. */
    private List<Dataset> heldOut(HeldOut order, String name) {
        int[] permutation = order.permutation();
        return List.of(
                train.subset(train.name(), Arrays.copyOf(permutation, order.kept())),
                train.subset(train.name() + name, Arrays.copyOfRange(permutation, order.kept(), permutation.length)));
    }

    /**
     * Standardises all parts by the same map; views.
     *
     * @param by the map of each feature, as a rule taken from the training data
     * @return as {@link Dataset#standardized}
     */
    public Split standardized(Standardization by) {
        Objects.requireNonNull(by, "by");
        return new Split(
                train.standardized(by),
                test.map(data -> data.standardized(by)),
                validation.map(data -> data.standardized(by)),
                complete);
    }
}
