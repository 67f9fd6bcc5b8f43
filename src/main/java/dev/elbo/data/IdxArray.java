package dev.elbo.data;

/**
 * An array read from an IDX file.
 *
 * @param shape 1 to 4 dimensions
 * @param bytes the values of an unsigned byte file, row-major; otherwise null
 * @param floats the values of a file of any other type, rounded to float32, row-major; otherwise null
 */
record IdxArray(int[] shape, byte[] bytes, float[] floats) {
    int length() {
        return bytes == null ? floats.length : bytes.length;
    }
}
