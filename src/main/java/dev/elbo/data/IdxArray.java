package dev.elbo.data;

/**
 * An array read from an IDX file: 1 to 4 dimensions, the first of which counts the rows. There are no rows if a
 * dimension is 0.
 */
record IdxArray(int[] shape, Rows rows) {}
