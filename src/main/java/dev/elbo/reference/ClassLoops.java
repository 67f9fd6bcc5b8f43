package dev.elbo.reference;

import static dev.elbo.reference.Matrix.view;

import dev.elbo.backend.RawOps;
import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;

/** The weights of classes. */
final class ClassLoops implements RawOps.Classes {
    @Override
    public Runnable classBias(Tensor labels, Tensor table, Activation activation, Tensor y) {
        return () -> {
            Matrix weights = view(table);
            Matrix to = view(y);
            for (int i = 0; i < y.rows(); i++) {
                int label = label(view(labels), i, table.rows());
                for (int j = 0; j < y.cols(); j++) {
                    double weight = label < 0 ? Double.NaN : weights.get(label, j);
                    to.set(i, j, DenseLoops.apply(activation, to.get(i, j) + weight));
                }
            }
        };
    }

    @Override
    public Runnable classBiasGrad(Tensor labels, Tensor dY, Tensor dTable) {
        return () -> {
            Matrix from = view(dY);
            Matrix sums = view(dTable);
            for (int k = 0; k < dTable.rows(); k++) {
                for (int j = 0; j < dTable.cols(); j++) {
                    double sum = 0;
                    for (int i = 0; i < dY.rows(); i++) {
                        if (label(view(labels), i, dTable.rows()) == k) {
                            sum += from.get(i, j);
                        }
                    }
                    sums.set(k, j, sum);
                }
            }
        };
    }

    /** Returns the label of a row, or −1 if it is not one of so many classes. */
    private static int label(Matrix labels, int row, int classes) {
        double label = labels.get(row % labels.rows(), 0);
        return label >= 0 && label < classes && label == (int) label ? (int) label : -1;
    }
}
