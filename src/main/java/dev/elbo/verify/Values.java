package dev.elbo.verify;

import java.util.Map;

/**
 * The values of a case's tensors in float64, for computing bounds.
 *
 * @param before inputs and in-outs by name, as given
 * @param after outputs and in-outs by name, from the oracle
 * @hidden
 */
public record Values(Map<String, Grid> before, Map<String, Grid> after) {
    /** {@return an input, or an in-out before the run} */
    public Grid in(String name) {
        return present(before, name);
    }

    /** {@return an element of an input, or of an in-out before the run} */
    public double in(String name, int row, int col) {
        return in(name).at(row, col);
    }

    /** {@return as {@link #in(String)}, null if the case has no such argument} */
    public Grid optional(String name) {
        return before.get(name);
    }

    /** {@return an output, or an in-out after the run, from the oracle} */
    public Grid out(String name) {
        return present(after, name);
    }

    /** {@return an element of an output, or of an in-out after the run} */
    public double out(String name, int row, int col) {
        return out(name).at(row, col);
    }

    /** {@return the weight of a row, 1 in a case without {@code rowWeight}} */
    double rowWeight(int row) {
        Grid weights = optional("rowWeight");
        return weights == null ? 1 : weights.at(row, 0);
    }

    private static Grid present(Map<String, Grid> grids, String name) {
        Grid grid = grids.get(name);
        if (grid == null) {
            throw new IllegalArgumentException("no '" + name + "' among " + grids.keySet());
        }
        return grid;
    }
}
