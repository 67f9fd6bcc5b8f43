package dev.elbo.backend;

import dev.elbo.model.Columns;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;

/**
 * The operations on examples that are rows of a table, whose columns have a kind each and may be missing. Shapes and
 * conventions are those of {@link Ops}; {@code columns} is {@link Columns#table()}, C × 4 INT32, and NaN a missing value. A
 * categorical column is missing as a whole if its first place is. What lies in a missing place besides NaN never counts.
 */
public sealed interface ColumnOps extends CheckedOps permits Ops {
    /** The output of a count, the log of its mean, counts as this far from 0 at most, with zero gradient outside. */
    float MAX_LOG_MEAN = 30;

    /**
     * Computes what an encoder is given: 0 for a missing value, log1p(x) for a count, x for every other.
     *
     * @param x B × D
     * @param columns C × 4
     * @param inputs written, B × D
     */
    default void columnInputs(Tensor x, Tensor columns, Tensor inputs) {
        mapArguments("columnInputs", "x", x, columns, "inputs", inputs);
        checks().submit(checks().raw().columns().columnInputs(x, columns, inputs));
    }

    private void mapArguments(String op, String fromName, Tensor from, Tensor columns, String toName, Tensor to) {
        checks().require(op)
                .real(fromName, from, from.rows(), from.cols())
                .real(toName, to, from.rows(), from.cols())
                .typed("columns", columns, ElementType.INT32, columns.rows(), Columns.FIELDS)
                .dense("columns", columns)
                .requireDisjoint(toName, to, from, columns);
    }

    /**
     * Computes −log p(x|output) of what is observed in each row, a sum over columns, and the gradients of {@code scale · Σ_r
     * rowWeight_r loss_r}, in one pass. Row r is compared with x's row r mod B. A missing column gives 0 to the loss and to
     * every gradient, whatever the output. With o the output of a column, and v and s its values of logVar and logDispersion:
     *
     * <ul>
     *   <li>gaussian: {@code ½ (ln 2π + v + (x − o)² / eᵛ)};
     *   <li>bernoulli: {@code max(o, 0) − o x + log1p(exp(−|o|))};
     *   <li>categorical: {@code logsumexp(o) − Σ x o};
     *   <li>poisson: {@code eᵒ − x o + lnΓ(x + 1)};
     *   <li>negative-binomial, with mean m = eᵒ and θ = eˢ (Hilbe 2011, eq. 8.7): {@code −[lnΓ(x + θ) − lnΓ(θ) − lnΓ(x + 1) + θ
     *       ln(θ / (θ + m)) + x ln(m / (θ + m))]}.
     * </ul>
     *
     * <p>v is clamped as {@link LogVariance} says, s as {@link LogDispersion} does, and o of counts to ±{@link #MAX_LOG_MEAN}, with zero gradient outside.
     * Float32 backends compute both count losses without the cancellation of these forms, and all of them the same bits.
     *
     * @param output K·B × D
     * @param x B × D
     * @param columns C × 4
     * @param logVar v, a value for each gaussian column, 1 × their number; null if there are none
     * @param logDispersion s, a value for each negative-binomial column, likewise
     * @param rowWeight K·B × 1; optional: 1
     * @param scale of what the gradients are of
     * @param loss K·B × 1; optional
     * @param dOutput K·B × D; optional
     * @param dLogVar like logVar; optional
     * @param dLogDispersion like logDispersion; optional
     */
    default void columnLoss(
            Tensor output,
            Tensor x,
            Tensor columns,
            Tensor logVar,
            Tensor logDispersion,
            Tensor rowWeight,
            double scale,
            Tensor loss,
            Tensor dOutput,
            Tensor dLogVar,
            Tensor dLogDispersion) {
        Require require = checks().require("columnLoss");
        require.real("output", output, output.rows(), output.cols())
                .real("x", x, x.rows(), output.cols())
                .typed("columns", columns, ElementType.INT32, columns.rows(), Columns.FIELDS)
                .dense("columns", columns)
                .optionalColumn("rowWeight", rowWeight, output.rows())
                .optionalColumn("loss", loss, output.rows())
                .optional("dOutput", dOutput, output.rows(), output.cols());
        ofColumns(require, "logVar", logVar, "dLogVar", dLogVar);
        ofColumns(require, "logDispersion", logDispersion, "dLogDispersion", dLogDispersion);
        require.requireDisjoint("loss", loss, output, x, columns, logVar, logDispersion, rowWeight)
                .requireDisjoint("dOutput", dOutput, output, x, columns, logVar, logDispersion, rowWeight, loss)
                .requireDisjoint(
                        "dLogVar", dLogVar, output, x, columns, logVar, logDispersion, rowWeight, loss, dOutput)
                .requireDisjoint(
                        "dLogDispersion",
                        dLogDispersion,
                        output,
                        x,
                        columns,
                        logVar,
                        logDispersion,
                        rowWeight,
                        loss,
                        dOutput,
                        dLogVar)
                .samples("output", output, x.rows());
        checks().submit(checks().raw()
                .columns()
                .columnLoss(
                        output,
                        x,
                        columns,
                        logVar,
                        logDispersion,
                        rowWeight,
                        scale,
                        loss,
                        dOutput,
                        dLogVar,
                        dLogDispersion));
    }

    private static void ofColumns(Require require, String name, Tensor values, String gradientName, Tensor gradient) {
        require.that(gradient == null || values != null, gradientName + " is given without " + name);
        if (values != null) {
            require.real(name, values, 1, values.cols())
                    .dense(name, values)
                    .optional(gradientName, gradient, 1, values.cols());
        }
    }

    /**
     * Computes the mean of p(x|output): o of a gaussian column, sigmoid(o), softmax(o) over the places of a categorical one, eᵒ
     * of counts, o clamped as in {@link #columnLoss}.
     *
     * @param output R × D
     * @param columns C × 4
     * @param mean written, R × D
     */
    default void columnMean(Tensor output, Tensor columns, Tensor mean) {
        mapArguments("columnMean", "output", output, columns, "mean", mean);
        checks().submit(checks().raw().columns().columnMean(output, columns, mean));
    }
}
