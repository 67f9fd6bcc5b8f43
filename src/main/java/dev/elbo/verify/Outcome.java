package dev.elbo.verify;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What a run of a case found.
 *
 * @param failures kind and first instance of everything wrong; empty if the case passes
 * @param fraction largest multiple of the allowance used, at most 1 in a case that passes
 * @param worst where that was, with the values
 */
record Outcome(Map<Failure, String> failures, double fraction, String worst) {
    public boolean ok() {
        return failures.isEmpty();
    }

    /** The first failure in one line, or what came closest to one. */
    public String summary() {
        return failures.entrySet().stream()
                .findFirst()
                .map(failure -> failure.getKey() + ": " + failure.getValue())
                .orElse(worst);
    }

    /** Collects failures, the first of each kind, and the largest fraction. */
    static final class Builder {
        private final Map<Failure, String> failures = new EnumMap<>(Failure.class);
        private double fraction;
        private String worst = "";

        void fail(Failure kind, String problem) {
            failures.putIfAbsent(kind, problem);
        }

        void used(double multiple, String where) {
            if (multiple > fraction) {
                fraction = multiple;
                worst = where;
            }
        }

        /** Within {@code tolerance} of what it should be. */
        void close(String name, double expected, double actual, double tolerance) {
            double difference = Math.abs(actual - expected);
            double multiple = difference == 0 ? 0 : difference / tolerance;
            String values = "%s is %s, not %s".formatted(name, actual, expected);
            if (!(multiple <= 1)) {
                fail(Failure.BOUND, values + ", " + tolerance + " allowed");
            }
            used(Double.isNaN(multiple) ? Double.POSITIVE_INFINITY : multiple, values);
        }

        boolean isWorse(double multiple) {
            return multiple > fraction;
        }

        Outcome build() {
            return new Outcome(Collections.unmodifiableMap(failures), fraction, worst);
        }
    }
}
