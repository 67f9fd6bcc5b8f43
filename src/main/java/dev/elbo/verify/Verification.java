package dev.elbo.verify;

import dev.elbo.backend.Backend;
import dev.elbo.error.Interruption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The verification of a backend without training: {@code elbo verify}. */
public final class Verification {
    /** A listener that receives every row when it is done. */
    @FunctionalInterface
    public interface Listener {
        /**
         * Receives a row.
         *
         * @param row the result
         * @param done rows so far, this one included
         * @param total rows in all
         */
        void done(Row row, int done, int total);

        /** Ignores all rows. */
        Listener NONE = (row, done, total) -> {};
    }

    private Verification() {}

    /**
     * Runs the known answers, and every case of {@link OpCases} against an oracle.
     *
     * @param candidate the backend under test
     * @param oracle a float64 backend
     * @param ops names of the operations
     * @param listener receives every row
     * @return the rows
     */
    public static List<Row> run(Backend candidate, Backend oracle, Predicate<String> ops, Listener listener) {
        List<Check> checks = new ArrayList<>(KnownAnswers.of(candidate));
        checks.addAll(CountAnswers.all());
        checks.addAll(ShardAnswers.all());
        for (OpCase opCase : OpCases.all()) {
            checks.add(new Check(
                    opCase.op(), opCase.label(), (s, outcome) -> Parity.run(opCase, s.backend(), oracle, outcome)));
        }
        return run(checks, candidate, ops, listener);
    }

    /**
     * Runs the known answers alone, which is quick: noise bit for bit, and products in full precision if the backend
     * claims it.
     *
     * @param backend the backend under test
     * @return the rows
     */
    public static List<Row> knownAnswers(Backend backend) {
        return run(KnownAnswers.of(backend), backend, op -> true, Listener.NONE);
    }

    /**
     * Checks the oracle itself: known answers, gradients against differences, models and identities whose answers are
     * known.
     *
     * @param oracle a float64 backend
     * @param ops names of the operations
     * @param listener receives every row
     * @return the rows
     */
    public static List<Row> runOracle(Backend oracle, Predicate<String> ops, Listener listener) {
        List<Check> checks = new ArrayList<>(KnownAnswers.of(oracle));
        checks.addAll(CountAnswers.all());
        checks.addAll(ShardAnswers.all());
        checks.addAll(Gradients.all());
        checks.addAll(Oracles.all());
        return run(checks, oracle, ops, listener);
    }

    private static List<Row> run(List<Check> checks, Backend backend, Predicate<String> ops, Listener listener) {
        List<Check> chosen =
                checks.stream().filter(check -> ops.test(check.op())).toList();
        List<Row> rows = new ArrayList<>();
        for (Check check : chosen) {
            Interruption.throwIfInterrupted("the verification");
            Row row = check.row(backend);
            rows.add(row);
            listener.done(row, rows.size(), chosen.size());
        }
        return rows;
    }
}
