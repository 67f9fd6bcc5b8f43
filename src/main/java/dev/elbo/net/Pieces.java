package dev.elbo.net;

import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * The rows of a batch in pieces whose patches fit into a bounded workspace. Each piece has gradients of the parameters of its
 * own, which are added in the end. The shapes alone decide, so that every backend computes the same.
 *
 * @param rows of the batch
 * @param each rows of a piece; the last may have fewer
 */
record Pieces(int rows, int each) {
    /** The most values of a workspace, 64 MiB of float32, unless one example has more. */
    static final int WORKSPACE = 1 << 24;

    /** Returns the pieces of a batch that needs so many values for each row. */
    static Pieces of(int rows, long values) {
        return new Pieces(rows, (int) Math.max(1, Math.min(rows, WORKSPACE / values)));
    }

    int count() {
        return (rows - 1) / each + 1;
    }

    boolean isWhole() {
        return count() == 1;
    }

    /** Returns a piece of a matrix with a row for each row of the batch. */
    Tensor of(Tensor all, int piece) {
        return all == null ? null : all.rows(piece * each, size(piece));
    }

    int size(int piece) {
        return Math.min(each, rows - piece * each);
    }

    void forEach(IntConsumer work) {
        for (int piece = 0; piece < count(); piece++) {
            work.accept(piece);
        }
    }

    private static String parts(String parameter) {
        return parameter + "_parts";
    }

    /** Returns the shapes of the gradients of the pieces; none if there is one piece. */
    Map<String, int[]> parts(Map<String, Integer> parameters) {
        Map<String, int[]> shapes = new LinkedHashMap<>();
        if (!isWhole()) {
            parameters.forEach((name, size) -> shapes.put(parts(name), new int[] {count(), size}));
        }
        return shapes;
    }

    /** Returns what takes the gradient of a parameter by a piece. */
    Tensor gradient(Scope scope, String parameter, int piece) {
        Tensor gradient = scope.gradient(parameter);
        return isWhole()
                ? gradient
                : scope.valueGradient(parts(parameter)).rows(piece, 1).reshaped(gradient.rows(), gradient.cols());
    }

    /** Queues the sum of the gradients of all pieces. */
    void addUp(Scope scope, String parameter) {
        if (!isWhole()) {
            Tensor parts = scope.valueGradient(parts(parameter));
            Tensor sum = scope.gradient(parameter).reshaped(1, parts.cols());
            scope.ops().activateGrad(parts, parts, Activation.IDENTITY, sum);
        }
    }
}
