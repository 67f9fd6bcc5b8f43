package dev.elbo.verify;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What a run of a case found.
 *
 * @param failures kind and first instance of everything wrong; empty if the case passes
 * @param worst the element that used the largest share of its bound, by its tensor
 * @param place where that was, with the values; empty if nothing was used
 */
record Outcome(Map<Failure, String> failures, TensorResult worst, String place) {
    public boolean ok() {
        return failures.isEmpty();
    }

    /** The first failure in one line, or what came closest to one. */
    public String summary() {
        return failures.entrySet().stream()
                .findFirst()
                .map(failure -> failure.getKey() + ": " + failure.getValue())
                .orElse(place);
    }

    /** Collects failures, the first of each kind, and the largest share of a bound. */
    static final class Builder {
        private final Map<Failure, String> failures = new EnumMap<>(Failure.class);
        private TensorResult worst;
        private String place = "";

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

        /** Within {@code tolerance} of what it should be. */
        void close(String what, double expected, double actual, double tolerance) {
            String tensor = what.endsWith("]") ? what.substring(0, what.indexOf('[')) : what;
            Supplier<String> values = () -> "%s is %s, not %s".formatted(what, actual, expected);
            if (!within(tensor, Math.abs(actual - expected), tolerance, values)) {
                fail(Failure.BOUND, values.get() + ", " + tolerance + " allowed");
            }
        }

        Outcome build() {
            TensorResult result = worst == null ? TensorResult.of("", 0, 0) : worst;
            return new Outcome(Collections.unmodifiableMap(failures), result, place);
        }
    }
}
