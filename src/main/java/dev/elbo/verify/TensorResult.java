package dev.elbo.verify;

/**
 * How one tensor compared.
 *
 * @param tensor its name, and what it was compared with where there are several
 * @param error relative L2
 * @param bound what the error may be
 * @param ok whether it holds; false where the error is NaN
 */
public record TensorResult(String tensor, double error, double bound, boolean ok) {
    static TensorResult of(String tensor, double error, double bound) {
        return new TensorResult(tensor, error, bound, error <= bound);
    }
}
