package dev.elbo.linalg;

/**
 * Mean and covariance of rows.
 *
 * @param mean d values
 * @param matrix d × d, Σ (x − mean)(x − mean)ᵀ / divisor
 * @hidden
 */
public record SampleCovariance(double[] mean, double[][] matrix) {
    /**
     * Computes the covariance of rows of d values, row-major.
     *
     * @param divisor number of rows; less 1 for an estimate without bias
     */
    public static SampleCovariance of(double[] rows, int d, double divisor) {
        int n = rows.length / d;
        double[] mean = new double[d];
        for (int i = 0; i < rows.length; i++) {
            mean[i % d] += rows[i] / n;
        }
        double[][] matrix = new double[d][d];
        for (int at = 0; at < rows.length; at += d) {
            for (int i = 0; i < d; i++) {
                double error = (rows[at + i] - mean[i]) / divisor;
                for (int j = 0; j <= i; j++) {
                    matrix[i][j] += error * (rows[at + j] - mean[j]);
                    matrix[j][i] = matrix[i][j];
                }
            }
        }
        return new SampleCovariance(mean, matrix);
    }
}
