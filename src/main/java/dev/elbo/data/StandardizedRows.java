package dev.elbo.data;

import dev.elbo.error.ElboException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** Rows of others in standardised values; a view. */
final class StandardizedRows extends Rows {
    private final String name;
    private final Rows base;
    private final float scale;
    private final Standardization standardization;

    /**
     * @param name what messages call it
     * @param scale what a value of the base is multiplied by
     */
    StandardizedRows(String name, Rows base, float scale, Standardization standardization) {
        super(base.count(), base.features(), Type.FLOAT32);
        this.name = name;
        this.base = base;
        this.scale = scale;
        this.standardization = standardization;
    }

    @Override
    public boolean isMapped() {
        return base.isMapped();
    }

    @Override
    void copyBytes(int from, int rows, ByteBuffer into, int at) {
        throw new IllegalStateException("standardised rows are float32");
    }

    /** Computed in float64 and rounded once. Only known once it is looked at: a value too far from the mean for float32. */
    @Override
    void copyFloats(int from, int rows, FloatBuffer into, int at) {
        int features = features();
        double[] row = new double[features];
        for (int done = 0; done < rows; done++) {
            base.copyDoubles(from + done, 1, row, 0);
            for (int i = 0; i < features; i++) {
                double value = base.isBytes() ? (float) row[i] * scale : row[i];
                float standardized = standardization.apply(i, value);
                if (!Float.isFinite(standardized)) {
                    throw ElboException.data(name + ": row " + (from + done) + ", column " + i + " (from 0) is "
                            + shown(value)
                            + ", which is too far from what the model was trained on to be standardised");
                }
                into.put(at + done * features + i, standardized);
            }
        }
    }
}
