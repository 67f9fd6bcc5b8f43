package dev.elbo.analysis;

import dev.elbo.data.Dataset;
import dev.elbo.model.Columns;

/**
 * The values of a table's examples, one for each column that is modelled.
 *
 * @param observed those that are there
 * @param all those that are there and those that are missing
 */
public record ObservedValues(long observed, long all) {
    /**
     * {@return the count of a data set}
     *
     * @param data examples
     * @param columns of the model
     */
    public static ObservedValues of(Dataset data, Columns columns) {
        int[] places = columns.placed().stream().mapToInt(Columns.Placed::first).toArray();
        float[] row = new float[data.features()];
        long observed = 0;
        for (int i = 0; i < data.size(); i++) {
            data.row(i, row, 0);
            for (int place : places) {
                observed += Float.isNaN(row[place]) ? 0 : 1;
            }
        }
        return new ObservedValues(observed, (long) data.size() * places.length);
    }

    /**
     * {@return nats per value that is there; NaN if none is}
     *
     * @param nats per example
     * @param examples those that were counted
     */
    public double share(double nats, int examples) {
        return observed == 0 ? Double.NaN : nats * examples / observed;
    }
}
