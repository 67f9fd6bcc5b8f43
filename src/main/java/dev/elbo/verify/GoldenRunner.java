package dev.elbo.verify;

import dev.elbo.backend.Backend;
import dev.elbo.error.ElboException;
import dev.elbo.error.Interruption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A runner of golden cases: small models computed by another framework in float64, run here through the code that
 * trains. The error of a tensor is its relative L2 distance, {@code ‖found − expected‖ / ‖expected‖}, or {@code
 * ‖found‖} if all expected values are zero. NaN and infinities must be in the same places.
 *
 * <p>A float64 backend is compared with the files. A float32 backend gets the inputs rounded to float32. It is compared
 * with the files more loosely, since they lack that rounding, and with a float64 backend that got the same inputs.
 */
public final class GoldenRunner {
    /** The largest unit roundoff that counts as float64: no precision lies between 2⁻⁵³ and 2⁻²⁴. */
    private static final double FLOAT64 = 0x1p-50;

    private static final double FLOAT64_BOUND = 1e-9;
    private static final double FILE_BOUND = 1e-5;
    private static final double FORWARD_BOUND = 5e-6;
    private static final double GRADIENT_BOUND = 1e-5;
    /**
     * Losses and weights of a training. One step of Adam may move a weight away by 2u|w| + 12u · lr · S_m/((1 − β₁ᵗ)√v̂),
     * where the fraction is about one: at lr = 0.01 that is 2.4e-6 |w| + 1.4e-7 after 20 steps, within 1e-5 of weights
     * near one, with room for the gradients' own errors. It does not hold where a gradient is so small that rounding
     * turns its sign, since Adam's first steps are signs; cases are made without such gradients.
     */
    private static final double TRAINING_BOUND = 1e-5;
    /** Roundings of operands that a tensor may be off by where a backend rounds them: a few products in a row. */
    private static final double ROUNDINGS = 16;

    private GoldenRunner() {}

    /**
     * {@return the cases in a folder that is one or has some, in the order of their names}
     *
     * @param folder of a case, or of cases
     * @throws ElboException data, if there is none, or a subfolder is none
     */
    public static List<Path> cases(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw ElboException.data(folder + ": is not a folder of golden cases");
        }
        if (isCase(folder)) {
            return List.of(folder);
        }
        List<Path> cases = new ArrayList<>();
        try (Stream<Path> entries = Files.list(folder)) {
            entries.filter(Files::isDirectory).sorted().forEach(cases::add);
        } catch (IOException e) {
            throw ElboException.data(folder + ": cannot be listed: " + e, e);
        }
        if (cases.isEmpty()) {
            throw ElboException.data(folder + ": no golden case in it: neither " + GoldenCase.DESCRIPTION
                    + " nor folders that have one");
        }
        for (Path candidate : cases) {
            if (!isCase(candidate)) {
                throw ElboException.data(candidate.resolve(GoldenCase.DESCRIPTION) + ": is missing");
            }
        }
        return cases;
    }

    private static boolean isCase(Path folder) {
        return Files.exists(folder.resolve(GoldenCase.DESCRIPTION), LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Runs one case and compares every array that it expects; on a float32 backend twice, with the file and with the
     * oracle.
     *
     * @param folder of one case
     * @param candidate the backend under test
     * @param oracle a float64 backend
     * @return the comparison of each array
     * @throws ElboException data, if the case is not one that can be trusted, naming the file
     */
    public static List<TensorResult> run(Path folder, Backend candidate, Backend oracle) {
        if (oracle.unitRoundoff() > FLOAT64) {
            throw new IllegalArgumentException("the oracle " + oracle.name() + " is not float64");
        }
        Interruption.throwIfInterrupted("the golden case");
        GoldenCase golden = GoldenCase.read(folder);
        List<TensorResult> results = new ArrayList<>();
        if (candidate.unitRoundoff() < FLOAT64) {
            Map<String, double[]> found = GoldenRun.of(golden, candidate);
            golden.expected()
                    .forEach((name, expected) ->
                            results.add(TensorResult.of(name, error(expected, found.get(name)), FLOAT64_BOUND)));
            return results;
        }
        GoldenCase rounded = golden.rounded();
        double wider =
                candidate.productRoundoff() > candidate.unitRoundoff() ? ROUNDINGS * candidate.productRoundoff() : 0;
        Map<String, double[]> found = GoldenRun.of(rounded, candidate);
        Map<String, double[]> exact = GoldenRun.of(rounded, oracle);
        golden.expected().forEach((name, expected) -> {
            results.add(TensorResult.of(name, error(expected, found.get(name)), FILE_BOUND + wider));
            results.add(TensorResult.of(
                    name + " to " + oracle.name(),
                    error(exact.get(name), found.get(name)),
                    bound(golden.kind(), name) + wider));
        });
        return results;
    }

    private static double bound(GoldenCase.Kind kind, String tensor) {
        if (kind == GoldenCase.Kind.ADAM) {
            return TRAINING_BOUND;
        }
        return tensor.startsWith("grad.") ? GRADIENT_BOUND : FORWARD_BOUND;
    }

    /** {@return relative L2; infinite if a value that is not finite has another in its place} */
    static double error(double[] expected, double[] found) {
        if (expected.length != found.length) {
            throw new IllegalStateException(found.length + " values for " + expected.length);
        }
        double difference = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            if (!Double.isFinite(expected[i]) || !Double.isFinite(found[i])) {
                if (Double.compare(expected[i], found[i]) != 0) {
                    return Double.POSITIVE_INFINITY;
                }
            } else {
                difference += (found[i] - expected[i]) * (found[i] - expected[i]);
                size += expected[i] * expected[i];
            }
        }
        return size == 0 ? Math.sqrt(difference) : Math.sqrt(difference / size);
    }
}
