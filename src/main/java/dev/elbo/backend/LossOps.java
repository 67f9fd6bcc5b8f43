package dev.elbo.backend;

import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;

/**
 * The reconstruction losses and their gradients, the variance of the outputs, and importance weights; shapes and
 * conventions are those of {@link Ops}.
 */
public sealed interface LossOps extends CheckedOps permits Ops {
    /**
     * Computes −log N(x; output, σ²) of each row, {@code ½ Σ_d ((x − output)² / σ² + log σ² + log 2π)}, and the
     * gradient of {@code scale · Σ_r rowWeight_r loss_r}, in one pass. Row r is compared with x's row r mod B.
     *
     * @param output K·B × D, the means
     * @param x B × D
     * @param logVar log σ², 1 × 1 (shared) or 1 × D, clamped; optional: 0, unit variance
     * @param rowWeight K·B × 1; optional: 1
     * @param scale of what the gradients are of
     * @param loss K·B × 1; optional
     * @param dOutput K·B × D; optional
     * @param dLogVar like logVar; optional, its σ² held fixed in dOutput
     */
    default void gaussianLoss(
            Tensor output,
            Tensor x,
            Tensor logVar,
            Tensor rowWeight,
            double scale,
            Tensor loss,
            Tensor dOutput,
            Tensor dLogVar) {
        Require require = lossArguments("gaussianLoss", output, x, rowWeight, loss, dOutput);
        if (logVar != null) {
            require.real("logVar", logVar, 1, logVar.cols())
                    .that(
                            logVar.cols() == 1 || logVar.cols() == output.cols(),
                            "logVar is " + logVar.shape() + ", not 1 × 1 or 1 × " + output.cols())
                    .optional("dLogVar", dLogVar, 1, logVar.cols());
        }
        require.that(dLogVar == null || logVar != null, "dLogVar is given without logVar")
                .requireDisjoint("loss", loss, logVar)
                .requireDisjoint("dOutput", dOutput, logVar)
                .requireDisjoint("dLogVar", dLogVar, output, x, logVar, rowWeight, loss, dOutput);
        checks().submit(checks().raw()
                .loss()
                .gaussianLoss(output, x, logVar, rowWeight, scale, loss, dOutput, dLogVar));
    }

    /**
     * Computes −log Bernoulli(x; sigmoid(logits)) of each row, {@code Σ_d (max(l, 0) − l x + log1p(exp(−|l|)))}, and
     * the gradient {@code scale · rowWeight_r (sigmoid(l) − x)}, in one pass. Row r is compared with x's row r mod B.
     *
     * @param logits K·B × D
     * @param x B × D, in [0, 1]
     * @param rowWeight K·B × 1; optional: 1
     * @param scale of what the gradients are of
     * @param loss K·B × 1; optional
     * @param dLogits K·B × D; optional
     */
    default void bernoulliLoss(Tensor logits, Tensor x, Tensor rowWeight, double scale, Tensor loss, Tensor dLogits) {
        lossArguments("bernoulliLoss", logits, x, rowWeight, loss, dLogits);
        checks().submit(checks().raw().loss().bernoulliLoss(logits, x, rowWeight, scale, loss, dLogits));
    }

    private Require lossArguments(String op, Tensor output, Tensor x, Tensor rowWeight, Tensor loss, Tensor dOutput) {
        Require require = checks().require(op);
        require.real("output", output, output.rows(), output.cols())
                .real("x", x, x.rows(), output.cols())
                .optionalColumn("rowWeight", rowWeight, output.rows())
                .optionalColumn("loss", loss, output.rows())
                .optional("dOutput", dOutput, output.rows(), output.cols())
                .requireDisjoint("loss", loss, output, x, rowWeight)
                .requireDisjoint("dOutput", dOutput, output, x, rowWeight, loss)
                .samples("output", output, x.rows());
        return require;
    }

    /**
     * Computes the log of the variance that fits best, the mean squared error over all elements, at least {@link
     * LogVariance#FLOOR} (Rybkin et al. 2021, eq. 5).
     *
     * @param output K·B × D
     * @param x B × D
     * @param logVar 1 × 1
     */
    default void optimalLogVar(Tensor output, Tensor x, Tensor logVar) {
        checks().require("optimalLogVar")
                .real("output", output, output.rows(), output.cols())
                .real("x", x, x.rows(), output.cols())
                .real("logVar", logVar, 1, 1)
                .requireDisjoint("logVar", logVar, output, x)
                .samples("output", output, x.rows());
        checks().submit(checks().raw().loss().optimalLogVar(output, x, logVar));
    }

    /**
     * Computes the share of these rows in the mean squared error of a batch, {@code Σ (x − output)² / elements}, summed in
     * float64. The shares of all shards of a batch add up to its mean. Row r is compared with x's row r mod B.
     *
     * @param output K·B × D
     * @param x B × D
     * @param elements of the outputs of the whole batch, at least K·B·D
     * @param mean 1 × 1, FLOAT64
     */
    default void squaredErrorMean(Tensor output, Tensor x, long elements, Tensor mean) {
        checks().require("squaredErrorMean")
                .real("output", output, output.rows(), output.cols())
                .real("x", x, x.rows(), output.cols())
                .that(
                        elements >= output.size(),
                        "elements is " + elements + ", fewer than the " + output.size() + " of output")
                .typed("mean", mean, ElementType.FLOAT64, 1, 1)
                .samples("output", output, x.rows());
        checks().submit(checks().raw().loss().squaredErrorMean(output, x, elements, mean));
    }

    /**
     * Computes what {@link #optimalLogVar} does, from the mean squared error.
     *
     * @param mean squared error of the batch, {@link #squaredErrorMean}, 1 × 1, FLOAT64
     * @param logVar 1 × 1
     */
    default void logVarOfMean(Tensor mean, Tensor logVar) {
        checks().require("logVarOfMean")
                .typed("mean", mean, ElementType.FLOAT64, 1, 1)
                .real("logVar", logVar, 1, 1);
        checks().submit(checks().raw().loss().logVarOfMean(mean, logVar));
    }

    /**
     * Computes importance weights (Burda et al. 2016, eq. 8 and 13): {@code log w = −reconstruction − sampledKl},
     * {@code bound = logsumexp_k log w − log K}, {@code weights = softmax_k(log w)}. With K = 1 the weight is exactly
     * 1.
     *
     * @param reconstruction −log p(x|z), K·B × 1
     * @param sampledKl log q(z|x) − log p(z), K·B × 1
     * @param logWeights K·B × 1; optional
     * @param weights K·B × 1; optional
     * @param bound B × 1: fixes B
     */
    default void importanceWeights(
            Tensor reconstruction, Tensor sampledKl, Tensor logWeights, Tensor weights, Tensor bound) {
        int rows = reconstruction.rows();
        checks().require("importanceWeights")
                .column("reconstruction", reconstruction, rows)
                .column("sampledKl", sampledKl, rows)
                .optionalColumn("logWeights", logWeights, rows)
                .optionalColumn("weights", weights, rows)
                .column("bound", bound, bound.rows())
                .requireDisjoint("logWeights", logWeights, reconstruction, sampledKl)
                .requireDisjoint("weights", weights, reconstruction, sampledKl, logWeights)
                .requireDisjoint("bound", bound, reconstruction, sampledKl, logWeights, weights)
                .samples("reconstruction", reconstruction, bound.rows());
        checks().submit(checks().raw().loss().importanceWeights(reconstruction, sampledKl, logWeights, weights, bound));
    }
}
