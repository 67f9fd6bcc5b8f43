package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.noise.Noise;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Data to train on, and data kept apart to judge by.
 *
 * @param train to train on
 * @param test to judge the result by, where the source has them; of as many features
 * @param validation to choose by while training: when to stop, which weights to keep; empty where the test data are for that
 *     too; of as many features
 * @param complete whether nothing more is to be held out of the training data, also where there are no test data
 */
public record Split(Dataset train, Optional<Dataset> test, Optional<Dataset> validation, boolean complete) {
    /**
     * Refuses what does not go together.
     *
     * @throws ElboException of kind DATA where two have different numbers of features
     */
    public Split {
        Objects.requireNonNull(train, "train");
        Objects.requireNonNull(test, "test");
        Objects.requireNonNull(validation, "validation");
        for (Optional<Dataset> apart : List.of(test, validation)) {
            if (apart.isPresent() && apart.get().features() != train.features()) {
                throw ElboException.data(apart.get().name() + ": has "
                        + apart.get().features() + " features per example, the training data have " + train.features());
            }
        }
    }

    /**
     * Training and test data.
     *
     * @param train to train on
     * @param test where there are some; otherwise {@link #withTest()} may hold some out
     * @throws ElboException of kind DATA where the two have different numbers of features
     */
    public Split(Dataset train, Optional<Dataset> test) {
        this(train, test, Optional.empty(), false);
    }

    /**
     * The examples of all, those of one after those of the other; views.
     *
     * @throws ElboException of kind DATA, naming the first that does not fit, where they differ in the number or type of
     *     their features, or where some have labels or test data and others do not
     */
    static Split joined(List<Split> parts) {
        Split first = parts.get(0);
        if (parts.size() == 1) {
            return first;
        }
        return new Split(
                JoinedDatasets.of(parts.stream().map(Split::train).toList()),
                joined(parts, Split::test, "test"),
                joined(parts, Split::validation, "validation"),
                false);
    }

    private static Optional<Dataset> joined(List<Split> parts, Function<Split, Optional<Dataset>> apart, String what) {
        Split first = parts.get(0);
        Optional<Dataset> ofFirst = apart.apply(first);
        for (Split part : parts) {
            boolean there = apart.apply(part).isPresent();
            if (there != ofFirst.isPresent()) {
                throw ElboException.data(part.train().name() + ": " + (there ? "has" : "has no") + " " + what
                        + " set of its own, unlike " + first.train().name() + "; give them apart");
            }
        }
        return ofFirst.map(some -> JoinedDatasets.of(
                parts.stream().map(part -> apart.apply(part).orElseThrow()).toList()));
    }

    /**
     * Reads a data set as {@code elbo train --data} does.
     *
     * @param nameOrPath a name as "digits", or the path of a file or folder, see {@link Datasets#open(String, Progress)}
     * @return its training and test data; where it has no test data, a tenth is held out, see {@link #withTest()}
     * @throws ElboException as there
     */
    public static Split read(String nameOrPath) {
        Objects.requireNonNull(nameOrPath, "nameOrPath");
        return Datasets.standard().open(nameOrPath, Progress.NONE).withTest();
    }

    /**
     * Holds a tenth of the examples out.
     *
     * @param all examples
     * @return the others to train on, and these as test data, see {@link #withTest()}
     * @throws ElboException of kind DATA where there is only one example
     */
    public static Split of(Dataset all) {
        Objects.requireNonNull(all, "all");
        return new Split(all, Optional.empty()).withTest();
    }

    /**
     * Holds a tenth of the examples out where there are no test data: always the same ones, so that no model is ever judged by what
     * it was trained on.
     *
     * @return this split where it has test data or is complete; otherwise one whose test data are the last tenth (rounded down, at least one
     *     example) of a permutation that depends on the number of examples alone, and whose training data are the rest, each in
     *     the order of the permutation
     * @throws ElboException of kind DATA where there is only one example
     */
    public Split withTest() {
        return test.isPresent() || complete ? this : withTest(permutation());
    }

    /** As {@link #withTest()}, by another permutation of the numbers of all examples. */
    Split withTest(int[] permutation) {
        if (test.isPresent() || complete) {
            return this;
        }
        requirePermutation(permutation, train.examples());
        List<Dataset> two = heldOut(permutation, 0.1, "testing", " (held out)");
        return new Split(two.get(0), Optional.of(two.get(1)), validation, false);
    }

    /**
     * With other test data than those that it has, if any; what was held out already stays so.
     *
     * @param data to judge the result by
     * @return training and validation data of this split, and these
     * @throws ElboException of kind DATA where they have another number of features
     */
    public Split withTest(Dataset data) {
        return new Split(train, Optional.of(Objects.requireNonNull(data, "data")), validation, complete);
    }

    /**
     * With nothing to judge the result by: test data that there are become training data, behind the others.
     *
     * @return a complete split without test data
     * @throws ElboException of kind DATA where the test data do not fit behind the training data
     */
    public Split withoutTest() {
        if (test.isEmpty()) {
            return new Split(train, test, validation, true);
        }
        boolean labelled = train.labels().isPresent() && test.get().labels().isPresent();
        List<Dataset> both = Stream.of(train, test.get())
                .map(data -> labelled ? data : data.withLabels(Optional.empty()))
                .toList();
        return new Split(JoinedDatasets.of(both).named(train.name()), Optional.empty(), validation, true);
    }

    /**
     * Holds validation data out of the training data: always the same ones, as {@link #withTest()} does. Where test data are to
     * be held out too, that comes first.
     *
     * @param share of the training data, above 0 and below 1
     * @return a split whose validation data are the last share (rounded down, at least one example) of a permutation of the
     *     training data that depends on their number alone, and whose training data are the rest, each in its order
     * @throws IllegalArgumentException for another share
     * @throws ElboException of kind DATA where there is only one training example
     */
    public Split withValidation(double share) {
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException("share must be above 0 and below 1, not " + share);
        }
        List<Dataset> two = heldOut(permutation(), share, "validation", " (validation)");
        return new Split(two.get(0), test, Optional.of(two.get(1)), complete);
    }

    /**
     * With other validation data than those that it has, if any.
     *
     * @param data to choose by while training; empty: the test data
     * @return training and test data of this split, and these
     * @throws ElboException of kind DATA where they have another number of features
     */
    public Split withValidation(Optional<Dataset> data) {
        return new Split(train, test, Objects.requireNonNull(data, "data"), complete);
    }

    /** {@return what a training is followed by: the validation data, or where there are none, the test data} */
    public Optional<Dataset> judging() {
        return validation.or(() -> test);
    }

    /** {@return training, validation and test data, those that there are} */
    public List<Dataset> all() {
        return Stream.of(Optional.of(train), validation, test)
                .flatMap(Optional::stream)
                .toList();
    }

    private int[] permutation() {
        return Noise.permutation(0, 0, train.examples());
    }

    /** What of the training data is kept, and the last share of the permutation. */
    private List<Dataset> heldOut(int[] permutation, double share, String what, String name) {
        int examples = train.examples();
        if (examples < 2) {
            throw ElboException.data(train.name() + ": has one example; two are needed to hold one out for " + what);
        }
        int kept = examples - Math.max(1, (int) (examples * share));
        return List.of(
                train.subset(train.name(), Arrays.copyOf(permutation, kept)),
                train.subset(train.name() + name, Arrays.copyOfRange(permutation, kept, examples)));
    }

    /**
     * All parts in standardised values, by the same map; views.
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

    private static void requirePermutation(int[] permutation, int examples) {
        boolean[] seen = new boolean[examples];
        boolean good = permutation.length == examples;
        for (int i = 0; good && i < examples; i++) {
            good = permutation[i] >= 0 && permutation[i] < examples && !seen[permutation[i]];
            if (good) {
                seen[permutation[i]] = true;
            }
        }
        if (!good) {
            throw new IllegalArgumentException("not a permutation of " + examples + " examples");
        }
    }
}
