package dev.elbo.verify;

/**
 * One line of a verification.
 *
 * @param op the operation it is about
 * @param label what was tried
 * @param ok whether it holds
 * @param fraction largest multiple of the allowance used, at most 1 where it holds
 * @param detail what failed, or where the fraction was reached
 */
public record Row(String op, String label, boolean ok, double fraction, String detail) {
    static Row of(Check check, Outcome outcome) {
        return new Row(check.op(), check.label(), outcome.ok(), outcome.fraction(), outcome.summary());
    }

    @Override
    public String toString() {
        return "%s %s [%s] %.3g of the bound%s"
                .formatted(ok ? "ok" : "FAIL", op, label, fraction, detail.isEmpty() ? "" : ", " + detail);
    }
}
