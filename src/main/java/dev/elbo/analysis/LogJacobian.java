package dev.elbo.analysis;

import dev.elbo.data.Dataset;
import dev.elbo.data.Standardization;
import java.util.Arrays;
import java.util.Optional;

/**
 * The nats by which the log density of each example of a data set falls when its values are not standardised: the sum of the
 * log deviations of the values that are there. It is the same for every example unless values are missing.
 */
public final class LogJacobian {
    private final double all;
    /** Null if it is the same for every example. */
    private final double[] each;

    private LogJacobian(double all, double[] each) {
        this.all = all;
        this.each = each;
    }

    /**
     * {@return that of the examples of a data set; 0 for values that are as they were given}
     *
     * @param data as the model sees them; read if they may have missing values
     */
    public static LogJacobian of(Dataset data) {
        Optional<Standardization> unit = data.standardization();
        if (unit.isEmpty() || data.table().isEmpty()) {
            return new LogJacobian(unit.map(Standardization::logDeviation).orElse(0.0), null);
        }
        double[] each = new double[data.size()];
        float[] row = new float[data.features()];
        for (int i = 0; i < each.length; i++) {
            data.row(i, row, 0);
            each[i] = unit.get().logDeviation(row, 0);
        }
        return new LogJacobian(Double.NaN, each);
    }

    /** {@return whether it differs from example to example} */
    public boolean varies() {
        return each != null;
    }

    /**
     * {@return its mean over the first examples}
     *
     * @param examples their number, at least 1
     */
    public double mean(int examples) {
        return each == null ? all : Arrays.stream(each, 0, examples).sum() / examples;
    }

    /**
     * {@return an evaluation in the unit in which the values were given}
     *
     * @param evaluation over all examples, of standardised values
     */
    public Evaluation undo(Evaluation evaluation) {
        return evaluation.lower(each == null ? all : mean(each.length));
    }

    /**
     * {@return an estimate in the unit in which the values were given}
     *
     * @param estimate over the examples or the first of them, of standardised values
     */
    public LikelihoodEstimate undo(LikelihoodEstimate estimate) {
        return each == null ? estimate.lower(all) : estimate.lower(each);
    }

    /**
     * {@return scores in the unit in which the values were given}
     *
     * @param scores of all examples, of standardised values
     */
    public double[] undo(double[] scores) {
        double[] undone = scores.clone();
        Arrays.setAll(undone, i -> scores[i] + (each == null ? all : each[i]));
        return undone;
    }
}
