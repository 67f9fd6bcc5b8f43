package dev.elbo.verify;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/** The findings of a check: the first failure of each kind, and the element that used the largest share of its bound. */
final class Outcome {
    private final Map<Failure, String> failures = new EnumMap<>(Failure.class);
    private TensorResult worst;
    private String place = "";

    /** {@return each kind of failure with its first instance; empty if the check passes} */
    Map<Failure, String> failures() {
        return failures;
    }

    /** {@return the element that used the largest share of its bound, by its tensor; without a name if there was none} */
    TensorResult worst() {
        return worst == null ? TensorResult.of("", 0, 0) : worst;
    }

    /** {@return the first failure in one line, or the place of the largest share, with the values} */
    String summary() {
        return failures.entrySet().stream()
                .findFirst()
                .map(failure -> failure.getKey() + ": " + failure.getValue())
                .orElse(place);
    }

    void fail(Failure kind, String problem) {
        failures.putIfAbsent(kind, problem);
    }

    /** Notes the share of a bound and returns whether it is at most 1. */
    boolean within(String tensor, double error, double bound, Supplier<String> values) {
        double fraction = TensorResult.fraction(error, bound);
        if (worst == null || fraction > worst.fraction()) {
            worst = TensorResult.of(tensor, error, bound);
            place = fraction == 0 ? "" : values.get();
        }
        return fraction <= 1;
    }

    /** Compares a value with the expected one. */
    void close(String name, double expected, double actual, double tolerance) {
        String tensor = name.endsWith("]") ? name.substring(0, name.indexOf('[')) : name;
        Supplier<String> values = () -> "%s is %s, not %s".formatted(name, actual, expected);
        if (!within(tensor, Math.abs(actual - expected), tolerance, values)) {
            fail(Failure.BOUND, values.get() + ", " + tolerance + " allowed");
        }
    }
}
