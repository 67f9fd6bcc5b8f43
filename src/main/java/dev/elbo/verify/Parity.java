package dev.elbo.verify;

import dev.elbo.backend.Backend;
import dev.elbo.backend.Program;
import dev.elbo.tensor.ElementType;
import dev.elbo.verify.Argument.Role;
import dev.elbo.verify.Memory.Fill;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Runs a case on a backend and on an oracle. The harness owns the memory: guard zones around every tensor and between
 * strided rows, outputs poisoned, inputs compared afterwards; a second run, a recorded program and its second run must
 * give the bits of the first.
 */
final class Parity {
    /** Largest share of zeros in an input that can still reveal errors. */
    static final double MAX_ZEROS = 0.3;
    /** The tolerance of products in float32. TF32 at K = 784 scores 8.5e-8: the usual 1e-7 would let it pass. */
    static final double MEAN_SQUARE = 1e-11;
    /** The least elements for a mean square: fewer may all be small by cancellation. */
    private static final int MEAN_SQUARE_ELEMENTS = 64;

    static final double FLOAT_ROUNDOFF = 0x1p-24;

    private final OpCase opCase;
    private final Outcome outcome;

    private Parity(OpCase opCase, Outcome outcome) {
        this.opCase = opCase;
        this.outcome = outcome;
    }

    /** Runs a case on the backend under test and on an oracle of float64, and notes the findings in an outcome. */
    static void run(OpCase opCase, Backend candidate, Backend oracle, Outcome outcome) {
        Parity parity = new Parity(opCase, outcome);
        parity.mistrust();
        try {
            parity.run(candidate, parity.expected(oracle));
        } catch (RuntimeException e) {
            outcome.fail(Failure.EXCEPTION, e.toString());
        }
    }

    private void mistrust() {
        for (Argument a : opCase.arguments()) {
            if (a.given() == null || a.type() == ElementType.INT32 || a.zerosMeant() != null) {
                continue;
            }
            double[] values = a.given().values();
            long zeros = Arrays.stream(values).filter(value -> value == 0).count();
            if (zeros > MAX_ZEROS * values.length) {
                outcome.fail(
                        Failure.MISTRUSTED, a.name() + " has " + zeros + " zeros among " + values.length + " values");
            }
        }
    }

    private Map<String, Grid> expected(Backend oracle) {
        try (Memory memory = new Memory(opCase, oracle)) {
            return memory.run(Fill.NAN, () -> opCase.call().run(oracle.ops(), memory), new Outcome());
        }
    }

    private void run(Backend candidate, Map<String, Grid> expected) {
        try (Memory memory = new Memory(opCase, candidate)) {
            Runnable call = () -> opCase.call().run(candidate.ops(), memory);
            Map<String, Grid> first = memory.run(Fill.NAN, call, outcome);
            compare(expected, first, candidate.unitRoundoff(), candidate.productRoundoff());
            same(Failure.RERUN, "the second run", first, memory.run(Fill.NUMBERS, call, outcome));
            memory.fill(Fill.NAN);
            try (Program program = candidate.record(call)) {
                if (!memory.isUntouched()) {
                    outcome.fail(Failure.PROGRAM, "recording already ran something");
                }
                same(Failure.PROGRAM, "the program", first, memory.run(Fill.NAN, program::run, outcome));
                same(
                        Failure.PROGRAM,
                        "the program's second run",
                        first,
                        memory.run(Fill.NUMBERS, program::run, outcome));
            }
        }
    }

    private void same(Failure kind, String run, Map<String, Grid> first, Map<String, Grid> again) {
        first.forEach((name, grid) -> {
            double[] values = again.get(name).values();
            int p = Arrays.mismatch(grid.values(), values);
            if (p >= 0) {
                String place = name + "[" + p / grid.cols() + ", " + p % grid.cols() + "]";
                outcome.fail(kind, run + " gave " + place + " = " + values[p] + ", the first " + grid.values()[p]);
            }
        });
    }

    private void compare(Map<String, Grid> expected, Map<String, Grid> actual, double u, double operands) {
        Map<String, Grid> before = new LinkedHashMap<>();
        for (Argument a : opCase.arguments()) {
            if (a.role() != Role.OUTPUT) {
                before.put(a.name(), a.given());
            }
        }
        Values values = new Values(before, expected);
        for (Argument a : opCase.arguments()) {
            if (a.isWritten()) {
                compare(a, values, actual.get(a.name()), u, operands);
            }
        }
    }

    private void compare(Argument a, Values values, Grid actual, double u, double operands) {
        Grid expected = values.out(a.name());
        Bound bound = a.bound();
        boolean rounded = bound.isExact() && a.type() == ElementType.REAL && u >= FLOAT_ROUNDOFF;
        Grid.Element allowed = bound.isExact() ? null : bound.allowance().of(values, u);
        Grid.Element terms =
                bound.terms() == null || operands <= u ? null : bound.terms().apply(values);
        double squares = 0;
        double differences = 0;
        for (int i = 0; i < a.rows(); i++) {
            for (int j = 0; j < a.cols(); j++) {
                double e = rounded ? (float) expected.at(i, j) : expected.at(i, j);
                double x = actual.at(i, j);
                // the operands of a product are rounded first, each to within this share of itself
                double more = terms == null ? 0 : (2 * operands + operands * operands) * terms.at(i, j);
                element(a, i, j, e, x, allowed == null ? 0 : allowed.at(i, j) + more);
                if (Double.isFinite(e) && Double.isFinite(x)) {
                    squares += e * e;
                    differences += (x - e) * (x - e);
                }
            }
        }
        if (bound.terms() != null && a.rows() * a.cols() >= MEAN_SQUARE_ELEMENTS) {
            double limit = MEAN_SQUARE * Math.pow(u / FLOAT_ROUNDOFF, 2) + (operands > u ? operands * operands : 0);
            double error = differences == 0 ? 0 : differences / squares;
            String difference = "%s: normalised mean square %.2g, %.2g allowed".formatted(a.name(), error, limit);
            if (!outcome.within(a.name() + ", normalised mean square", error, limit, () -> difference)) {
                outcome.fail(Failure.BOUND, difference);
            }
        }
    }

    private void element(Argument a, int i, int j, double expected, double actual, double allowed) {
        Supplier<String> values = () -> "%s[%d, %d] is %s, not %s".formatted(a.name(), i, j, actual, expected);
        if (!Double.isFinite(expected) || !Double.isFinite(actual)) {
            if (Double.compare(expected, actual) != 0) {
                outcome.fail(Failure.NAN_POSITION, values.get());
                outcome.within(a.name(), Double.NaN, allowed, values);
            }
            return;
        }
        double difference = Math.abs(actual - expected);
        // below the smallest normal float32 relative accuracy ends, and a device may flush to zero
        double allowance = allowed > 0 ? allowed + Float.MIN_NORMAL : allowed;
        if (!outcome.within(a.name(), difference, allowance, values)) {
            outcome.fail(
                    Failure.BOUND,
                    values.get() + ", " + allowance + " allowed: " + a.bound().reason());
        }
        if (a.bound().nonNegative() && actual < 0) {
            outcome.fail(Failure.BOUND, values.get() + ", below zero");
        }
    }
}
