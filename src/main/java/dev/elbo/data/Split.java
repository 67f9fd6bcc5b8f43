package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.noise.Noise;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Data to train on, and data kept apart to judge by.
 *
 * @param train to train on
 * @param test where the source has them; of as many features
 */
public record Split(Dataset train, Optional<Dataset> test) {
    /**
     * Refuses what does not go together.
     *
     * @throws ElboException of kind DATA where the two have different numbers of features
     */
    public Split {
        Objects.requireNonNull(train, "train");
        Objects.requireNonNull(test, "test");
        if (test.isPresent() && test.get().features() != train.features()) {
            throw ElboException.data(test.get().name() + ": has " + test.get().features()
                    + " features per example, the training data have " + train.features());
        }
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
        for (Split part : parts) {
            if (part.test().isPresent() != first.test().isPresent()) {
                throw ElboException.data(part.train().name() + ": "
                        + (part.test().isPresent() ? "has" : "has no") + " test set of its own, unlike "
                        + first.train().name() + "; give them apart");
            }
        }
        return new Split(
                JoinedDatasets.of(parts.stream().map(Split::train).toList()),
                first.test()
                        .map(test -> JoinedDatasets.of(parts.stream()
                                .map(part -> part.test().orElseThrow())
                                .toList())));
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
     * @return this split where it has test data; otherwise one whose test data are the last tenth (rounded down, at least one
     *     example) of a permutation that depends on the number of examples alone, and whose training data are the rest, each in
     *     the order of the permutation
     * @throws ElboException of kind DATA where there is only one example
     */
    public Split withTest() {
        return test.isPresent() ? this : withTest(Noise.permutation(0, 0, train.examples()));
    }

    /** As {@link #withTest()}, by another permutation of the numbers of all examples. */
    Split withTest(int[] permutation) {
        if (test.isPresent()) {
            return this;
        }
        int examples = train.examples();
        requirePermutation(permutation, examples);
        if (examples < 2) {
            throw ElboException.data(train.name() + ": has one example; two are needed to hold one out for testing");
        }
        int kept = examples - Math.max(1, examples / 10);
        return new Split(
                train.subset(train.name(), Arrays.copyOf(permutation, kept)),
                Optional.of(
                        train.subset(train.name() + " (held out)", Arrays.copyOfRange(permutation, kept, examples))));
    }

    /**
     * Both parts in standardised values, by the same map; views.
     *
     * @param by the map of each feature, as a rule taken from the training data
     * @return as {@link Dataset#standardized}
     */
    public Split standardized(Standardization by) {
        Objects.requireNonNull(by, "by");
        return new Split(train.standardized(by), test.map(data -> data.standardized(by)));
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
