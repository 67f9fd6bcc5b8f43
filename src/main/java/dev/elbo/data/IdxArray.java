package dev.elbo.data;

/**
 * An array read from an IDX file: 1 to 4 dimensions, and a row for each element of the first of them, of all the
 * others. There is no row where a dimension is 0.
 */
record IdxArray(int[] shape, Rows rows) {}
