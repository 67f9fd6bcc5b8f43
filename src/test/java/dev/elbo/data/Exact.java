package dev.elbo.data;

/** Values with all of their digits, for tests. */
final class Exact {
    private Exact() {}

    /** All values, (examples, features) row-major, scaled as they count. */
    static double[] values(Dataset data) {
        double[] values = new double[data.size() * data.features()];
        data.rows().copyDoubles(0, data.size(), values, 0);
        for (int i = 0; i < values.length && data.isBytes(); i++) {
            values[i] = (float) values[i] * data.scale();
        }
        return values;
    }
}
