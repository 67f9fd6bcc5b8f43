package dev.elbo.verify;

/**
 * The comparison of one tensor.
 *
 * @param tensor its name, and what it was compared with where there are several
 * @param error relative L2; of an operation's element its distance
 * @param bound largest allowed error
 * @param ok whether it holds; false if the error is NaN
 */
public record TensorResult(String tensor, double error, double bound, boolean ok) {
    /** {@return the error as a share of its bound, at most 1 where it holds; infinite for an error of NaN or an infinite bound} */
    public double fraction() {
        return fraction(error, bound);
    }

    /** A bound that is NaN or infinite is a fault of the case, not a pass. */
    static double fraction(double error, double bound) {
        boolean measurable = bound < Double.POSITIVE_INFINITY && !Double.isNaN(error);
        return !measurable ? Double.POSITIVE_INFINITY : error == 0 ? 0 : error / bound;
    }

    static TensorResult of(String tensor, double error, double bound) {
        return new TensorResult(tensor, error, bound, error <= bound);
    }
}
