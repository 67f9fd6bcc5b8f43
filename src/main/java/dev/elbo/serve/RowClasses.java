package dev.elbo.serve;

import dev.elbo.data.ClassLabels;
import dev.elbo.model.VaeSpec;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;

/** The classes that a caller named for the rows of its calls: none, one for all rows, or one for each row. */
final class RowClasses {
    private final boolean needed;
    private final int named;
    /** Numbers of the classes: those of all rows, or as many equal ones as a run has rows. */
    private final float[] numbers;

    private RowClasses(boolean needed, int named, float[] numbers) {
        this.needed = needed;
        this.named = named;
        this.numbers = numbers;
    }

    /** Returns those of calls without classes, which a model without classes takes. */
    static RowClasses none(VaeSpec spec) {
        return new RowClasses(spec.conditional(), 0, new float[0]);
    }

    /**
     * Returns those with some names.
     *
     * @param batch the most rows of a run
     * @param names one for all rows, or one for each row
     */
    static RowClasses of(VaeSpec spec, int batch, String... names) {
        if (names.length == 0) {
            throw new IllegalArgumentException(
                    "inClass: there are no names; give one for all rows, or one for each row");
        }
        float[] numbers = new float[names.length == 1 ? batch : names.length];
        for (int i = 0; i < names.length; i++) {
            String name = names[i];
            if (name == null) {
                throw new NullPointerException("names[" + i + "]");
            }
            numbers[i] = ClassLabels.number(name, spec.classes());
        }
        if (names.length == 1) {
            Arrays.fill(numbers, numbers[0]);
        }
        return new RowClasses(true, names.length, numbers);
    }

    /** @throws IllegalArgumentException if these are not classes of so many rows */
    void require(String method, int rows) {
        requireAny(method);
        if (named > 1 && named != rows) {
            throw new IllegalArgumentException(method + ": inClass was given " + named
                    + " names, one for each row, but the" + " call has " + rows + (rows == 1 ? " row" : " rows"));
        }
    }

    /** @throws IllegalArgumentException if these are not classes of any number of rows, as a stream has */
    void requireForStream(String method) {
        requireAny(method);
        if (named > 1) {
            throw new IllegalArgumentException(method + ": inClass was given " + named
                    + " names, but the examples of a stream are of one class; score them in arrays");
        }
    }

    private void requireAny(String method) {
        if (needed && named == 0) {
            throw new IllegalArgumentException(
                    method + ": the model has classes and needs that of each row; name it with VaeService.inClass");
        }
    }

    /**
     * Writes the classes of some rows of a call, before a run computes them.
     *
     * @param labels the first row of the run; not used by a model without classes, null then
     */
    void write(int row, int rows, Tensor labels) {
        if (named > 0) {
            labels.buffer().write(labels.offset(), numbers, named == 1 ? 0 : row, rows);
        }
    }
}
