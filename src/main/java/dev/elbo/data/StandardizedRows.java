package dev.elbo.data;

import dev.elbo.error.ElboException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** A view of other rows in standardised values. */
final class StandardizedRows extends Rows {
    private final String name;
    private final Rows base;
    private final float scale;
    private final Standardization standardization;
    private final boolean gaps;

    /** Values of the base are multiplied by the scale first; {@code gaps} says whether NaN is a missing value. */
    StandardizedRows(String name, Rows base, float scale, Standardization standardization, boolean gaps) {
        super(base.count(), base.features(), Type.FLOAT32);
        this.name = name;
        this.base = base;
        this.scale = scale;
        this.standardization = standardization;
        this.gaps = gaps;
    }

    @Override
    public boolean isMapped() {
        return base.isMapped();
    }

    @Override
    void copyBytes(int from, int rows, ByteBuffer into, int at) {
        throw new IllegalStateException("standardised rows are float32");
    }

    @Override
    void copyFloats(int from, int rows, FloatBuffer into, int at) {
        double[] row = new double[features()];
        for (int done = 0; done < rows; done++) {
            copyDoubles(from + done, 1, row, 0);
            for (int i = 0; i < row.length; i++) {
                into.put(at + done * row.length + i, (float) row[i]);
            }
        }
    }

    /** Computes in float64 and rounds once. A value too far from the mean for float32 is found only here. */
    @Override
    void copyDoubles(int from, int rows, double[] into, int at) {
        base.copyDoubles(from, rows, into, at);
        for (int row = from, k = at; row < from + rows; row++) {
            for (int i = 0; i < features(); i++, k++) {
                double value = base.isBytes() ? (float) into[k] * scale : into[k];
                float standardized = standardization.apply(i, value);
                if (!Float.isFinite(standardized) && !(gaps && Double.isNaN(value))) {
                    throw ElboException.data(name + ": row " + row + ", column " + i + " (from 0) is " + shown(value)
                            + ", too far from the model's training data to be standardised");
                }
                into[k] = standardized;
            }
        }
    }
}
