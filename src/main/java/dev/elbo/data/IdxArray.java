package dev.elbo.data;

/**
 * An array read from an IDX file.
 *
 * @param shape 1 to 4 dimensions
 * @param rows one for each element of the first dimension, of all the others: the values of an unsigned byte file, or those
 *     of any other type, rounded to float32; none where a dimension is 0
 */
record IdxArray(int[] shape, Rows rows) {}
