package dev.elbo.cli;

import dev.elbo.analysis.InputSchema;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import java.io.PrintWriter;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The held-out examples of a training. */
final class HeldOutOptions {
    private static final String NONE = "none";

    @Option(
            names = "--validation",
            paramLabel = "SHARE|FILE",
            description = "Data that decide when to stop and which weights to keep, so that the test data are used only"
                    + " once, at the end: a share of the training data (0.1), a file, or none to ignore the validation"
                    + " part of archives and folders with three parts (default: that part, otherwise the test data).")
    private String validation;

    @Option(
            names = "--test",
            paramLabel = "FILE|none",
            description =
                    "Data to test the result on: a file that replaces the held-out part of the data, or none to train"
                            + " on all examples (default: the test part of the data, or the last tenth of a permutation).")
    private String test;

    /** @throws ElboException usage, for an invalid share, and for a patience without held-out data */
    void check(boolean patience) {
        share();
        if (patience && isWithoutTest() && (validation == null || validation.equals(NONE))) {
            throw ElboException.usage(
                    "--patience needs held-out data, but --test none leaves none; give --validation, or leave out"
                            + " --patience or --test none");
        }
    }

    private Optional<Double> share() {
        if (validation == null || !validation.matches("[-+]?[0-9.]+([eE][-+]?[0-9]+)?")) {
            return Optional.empty();
        }
        try {
            double share = Double.parseDouble(validation);
            if (share > 0 && share < 1) {
                return Optional.of(share);
            }
        } catch (NumberFormatException e) {
            // refused below
        }
        throw ElboException.usage(
                "--validation " + validation + " is not a share; give one above 0 and below 1, or a file");
    }

    boolean isWithoutTest() {
        return NONE.equals(test);
    }

    /** {@return the file with the test data; null if they are a part of the data, or there are none} */
    String testFile() {
        return isWithoutTest() ? null : test;
    }

    /** Reads the test data, of which there must be some, in the model's unit. */
    Dataset test(DataOptions data, InputSchema inputs, PrintWriter err) {
        return test == null ? data.loadTest(inputs, err) : data.beside(inputs, test, err);
    }

    /** Notes parts of the data that the options replace. */
    private void note(Split parts, PrintWriter err) {
        if (testFile() != null) {
            parts.test().ifPresent(own -> err.println("note: " + own.name() + " is not used: --test replaces it"));
        }
        if (validation != null) {
            parts.validation()
                    .ifPresent(own -> err.println("note: " + own.name() + " is not used: --validation overrides it"));
        }
    }

    /** Splits the data, the test data first: a share of the others may be kept for validation. */
    Split of(DataOptions data, PrintWriter err) {
        Split parts = data.parts(err);
        note(parts, err);
        Split tested = isWithoutTest()
                ? parts.withoutTestSet()
                : test == null ? parts.withTestSet() : parts.withTestSet(data.beside(parts.train(), test, err));
        if (validation == null) {
            return tested;
        }
        return validation.equals(NONE)
                ? tested.withoutValidationSet()
                : share().map(tested::withValidationSet)
                        .orElseGet(() -> tested.withValidationSet(data.beside(parts.train(), validation, err)));
    }
}
