package dev.elbo.backend;

import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;

/**
 * The operations that tell a dense layer the class of an example: what a product with one-hot columns would add, as a gather of
 * the weights of those columns. Shapes and conventions are those of {@link Ops}; n is the number of classes.
 */
public sealed interface ClassOps extends CheckedOps permits Ops {
    /**
     * Adds the weights of a row's class: {@code y_r = activation(y_r + table[labels[r mod B]])}. A label that is not one of 0,
     * 1, … n − 1 makes its rows NaN.
     *
     * @param labels B × 1
     * @param table weights of each class, n × C
     * @param activation f
     * @param y K·B × C, read and overwritten
     */
    default void classBias(Tensor labels, Tensor table, Activation activation, Tensor y) {
        checks().require("classBias")
                .real("y", y, y.rows(), table.cols())
                .real("labels", labels, labels.rows(), 1)
                .real("table", table, table.rows(), table.cols())
                .requireDisjoint("y", y, labels, table)
                .samples("y", y, labels.rows());
        checks().submit(checks().raw().classes().classBias(labels, table, activation, y));
    }

    /**
     * Computes the gradient of the weights of each class, {@code dTable_k = Σ dY_r} over the rows r whose label is k; zero for
     * a class without rows.
     *
     * @param labels B × 1
     * @param dY gradient before the activation, K·B × C
     * @param dTable n × C, written
     */
    default void classBiasGrad(Tensor labels, Tensor dY, Tensor dTable) {
        checks().require("classBiasGrad")
                .real("dY", dY, dY.rows(), dTable.cols())
                .real("labels", labels, labels.rows(), 1)
                .real("dTable", dTable, dTable.rows(), dTable.cols())
                .requireDisjoint("dTable", dTable, labels, dY)
                .samples("dY", dY, labels.rows());
        checks().submit(checks().raw().classes().classBiasGrad(labels, dY, dTable));
    }
}
