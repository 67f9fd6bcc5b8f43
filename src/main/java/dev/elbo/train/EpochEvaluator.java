package dev.elbo.train;

import dev.elbo.analysis.Evaluation;
import dev.elbo.analysis.Evaluator;
import dev.elbo.analysis.LikelihoodEstimate;
import dev.elbo.backend.Metrics;
import dev.elbo.objective.KlControl;
import dev.elbo.objective.Objective;

/** Measures the model at the end of an epoch. */
record EpochEvaluator(RunResources memory, Objective objective) {
    private TrainingSteps steps() {
        return memory.steps;
    }

    /**
     * @param step steps of the run so far
     * @param rate the learning rate of the last one
     * @param seconds of the epoch
     * @throws NotFinite if a loss is not
     */
    EpochMetrics measure(int epoch, long step, double rate, double seconds, TrainingListener listener) {
        requireFinite(step, 0);
        KlControl control = objective.control();
        double[] table = steps().metrics(steps().perEpoch());
        double beta = table[table.length - Metrics.COLUMNS + Metrics.BETA];
        EpochMetrics.Part trained = trainMetrics(table, step - steps().perEpoch());
        EpochMetrics.Part judged =
                memory.judge.map(judge -> judged(judge, epoch, step, beta)).orElse(null);
        LikelihoodEstimate gap = listener.measureGap(epoch);
        return new EpochMetrics(
                epoch,
                step,
                trained,
                memory.validated ? judged : null,
                memory.validated ? null : judged,
                steps().vae.network().stochastic() ? beta : Double.NaN,
                control.isAdaptive() ? control.target(step, steps().perEpoch()) : Double.NaN,
                rate,
                seconds,
                steps().examplesPerEpoch() / seconds,
                gap == null ? Double.NaN : gap.gap(),
                gap == null ? Double.NaN : gap.gapMonteCarloError());
    }

    /** Throws {@link NotFinite} for the first step of {@code done} in the epoch (0: all) whose loss is not finite. */
    void requireFinite(long step, int done) {
        int count = done == 0 ? steps().perEpoch() : done;
        double[] table = steps().metrics(count);
        for (int i = 0; i < count; i++) {
            int row = i * Metrics.COLUMNS;
            if (!Double.isFinite(table[row + Metrics.LOSS])) {
                long failed = step - count + i + 1;
                throw new NotFinite(
                        failed,
                        "the loss is not finite at step " + failed + " (epoch "
                                + ((failed - 1) / steps().perEpoch() + 1)
                                + "): reconstruction " + table[row + Metrics.RECONSTRUCTION] + ", KL "
                                + table[row + Metrics.KL]);
            }
        }
    }

    private EpochMetrics.Part trainMetrics(double[] table, long before) {
        double[] means = new double[Metrics.COLUMNS];
        KlControl control = objective.control();
        for (int step = 0; step < steps().perEpoch(); step++) {
            int rows = steps().rows(step);
            double beta = table[step * Metrics.COLUMNS + Metrics.BETA];
            means[Metrics.LOSS] -= control.lossOffset(beta, control.target(before + step + 1, steps().perEpoch()))
                    * rows
                    / steps().examplesPerEpoch();
            for (int column = 0; column < Metrics.COLUMNS; column++) {
                means[column] += table[step * Metrics.COLUMNS + column] * rows / steps().examplesPerEpoch();
            }
        }
        if (steps().vae.network().likelihood().fitsVariance()) {
            steps().vae.storeLogVar(StrictMath.log(means[Metrics.OUTPUT_VARIANCE]));
        }
        boolean stochastic = steps().vae.network().stochastic();
        return new EpochMetrics.Part(
                stochastic ? -means[Metrics.RECONSTRUCTION] - means[Metrics.KL] : Double.NaN,
                means[Metrics.LOSS],
                means[Metrics.RECONSTRUCTION],
                stochastic ? means[Metrics.KL] : Double.NaN);
    }

    private EpochMetrics.Part judged(Evaluator judge, int epoch, long step, double beta) {
        Evaluation evaluation = judge.measure();
        if (!judge.isFinite(evaluation)) {
            throw new NotFinite(
                    step,
                    "the " + (memory.validated ? "validation" : "test") + " loss after step " + step + " (epoch "
                            + epoch + ") is not finite: reconstruction " + evaluation.reconstruction() + ", KL "
                            + evaluation.kl());
        }
        return part(evaluation, step, beta);
    }

    /**
     * Evaluates the kept epoch's weights on test data that do not select epochs; null if there are none. Throws
     * numeric.
     */
    EpochMetrics.Part test(EpochMetrics kept) {
        return memory.test
                .map(test -> part(test.run("the test loss at the end"), kept.step(), kept.beta()))
                .orElse(null);
    }

    private EpochMetrics.Part part(Evaluation evaluation, long step, double beta) {
        double target = objective.control().target(step, steps().perEpoch());
        return new EpochMetrics.Part(
                evaluation.elbo(),
                objective.loss(evaluation.reconstruction(), evaluation.kl(), evaluation.bound(), beta)
                        - objective.control().lossOffset(beta, target),
                evaluation.reconstruction(),
                evaluation.kl());
    }
}
