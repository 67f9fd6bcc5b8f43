package dev.elbo.verify;

import java.util.Map;

/**
 * What a case's tensors hold, in float64, for computing bounds.
 *
 * @param before inputs and in-outs by name, as given
 * @param after outputs and in-outs by name, from the oracle
 * @hidden
 */
public record Values(Map<String, Grid> before, Map<String, Grid> after) {
    /** An input, or an in-out before the run. */
    public Grid in(String name) {
        return present(before, name);
    }

    /** As {@link #in}, null where the case has no such argument. */
    public Grid optional(String name) {
        return before.get(name);
    }

    /** An output, or an in-out after the run, as the oracle has it. */
    public Grid out(String name) {
        return present(after, name);
    }

    private static Grid present(Map<String, Grid> grids, String name) {
        Grid grid = grids.get(name);
        if (grid == null) {
            throw new IllegalArgumentException("no '" + name + "' among " + grids.keySet());
        }
        return grid;
    }
}
