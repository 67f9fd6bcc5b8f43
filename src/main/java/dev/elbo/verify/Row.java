package dev.elbo.verify;

/**
 * One line of a verification.
 *
 * @param op the operation it is about
 * @param label name of the check within the operation
 * @param ok whether it holds
 * @param worst the element that used the largest share of its bound, by its tensor, whose name is empty if nothing was
 *     measured
 * @param detail the failure, or the place of the largest fraction
 */
public record Row(String op, String label, boolean ok, TensorResult worst, String detail) {
    /** {@return the largest share of a bound used, at most 1 where it holds} */
    public double fraction() {
        return worst.fraction();
    }

    @Override
    public String toString() {
        return "%s %s [%s] %.3g of the bound%s"
                .formatted(ok ? "ok" : "FAIL", op, label, fraction(), detail.isEmpty() ? "" : ", " + detail);
    }
}
