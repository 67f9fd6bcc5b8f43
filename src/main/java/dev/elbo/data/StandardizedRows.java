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
        super(base.count(), base.features(), false);
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

    /** Only known once it is looked at: a value too far from the mean for float32. */
    @Override
    void copyFloats(int from, int rows, FloatBuffer into, int at) {
        int features = features();
        if (!base.isBytes()) {
            base.copyFloats(from, rows, into, at);
        }
        byte[] bytes = new byte[base.isBytes() ? features : 0];
        for (int row = 0; row < rows; row++) {
            if (base.isBytes()) {
                base.copyBytes(from + row, 1, ByteBuffer.wrap(bytes), 0);
            }
            for (int i = 0; i < features; i++) {
                int place = at + row * features + i;
                float value = base.isBytes() ? (bytes[i] & 0xff) * scale : into.get(place);
                float standardized = standardization.apply(i, value);
                if (!Float.isFinite(standardized)) {
                    throw ElboException.data(name + ": row " + (from + row) + ", column " + i + " (from 0) is " + value
                            + ", which is too far from what the model was trained on to be standardised");
                }
                into.put(place, standardized);
            }
        }
    }
}
