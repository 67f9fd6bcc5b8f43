package dev.elbo.serve;

import dev.elbo.analysis.InputSchema;
import dev.elbo.data.Places;
import dev.elbo.error.ElboException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Conversion of examples between their own unit and that of the model, which may be standardised. */
final class Unit {
    private final InputSchema inputs;
    private final Consumer<String> onNote;
    private final Rows.Check check;
    private final AtomicBoolean noted = new AtomicBoolean();

    /** @param onNote receives one line if values are far outside of the training data's range; null: no check */
    Unit(InputSchema inputs, Consumer<String> onNote) {
        this.inputs = inputs;
        this.onNote = onNote;
        this.check = inputs.table().map(Rows.Check::of).orElse(Rows.Check.FINITE);
    }

    /** Returns the check of examples. */
    Rows.Check check() {
        return check;
    }

    /** Packs examples one after the other, checked. */
    float[] pack(String method, float[][] x) {
        return Rows.pack(method, Objects.requireNonNull(x, "x"), inputs.count(), check);
    }

    /** Counts the examples of a request, which it checks. */
    int count(String method, float[] x) {
        return Rows.count(method, Objects.requireNonNull(x, "x"), inputs.count(), check);
    }

    /** Converts the first {@code rows} examples to the model's unit; {@code first} numbers the first one in errors. */
    float[] toModelUnits(String method, float[] x, int rows, long first) {
        look(method, x, rows, first);
        if (inputs.standardization().isEmpty()) {
            return x;
        }
        float[] y = x.clone();
        inputs.standardization().get().apply(y);
        Rows.requireStandardizable(method, x, y, inputs.count(), first);
        return y;
    }

    /** Checks and converts all examples of a request. */
    float[] toModelUnits(String method, float[] x) {
        return toModelUnits(method, x, count(method, x), 0);
    }

    /** Checks and converts float64 examples, all digits of which count if the model standardises them. */
    float[] toModelUnits(String method, double[] x) {
        Rows.requireWhole(method, Objects.requireNonNull(x, "x").length, inputs.count());
        inputs.table().ifPresent(table -> Places.require(method, table, x, 0));
        float[] y = inputs.standardization().map(unit -> unit.applied(x)).orElseGet(() -> floats(x));
        Rows.requireTakeable(method, x, y, inputs.count(), inputs.table().isPresent());
        if (onNote != null) {
            look(method, floats(x), x.length / inputs.count(), 0);
        }
        return y;
    }

    private static float[] floats(double[] x) {
        float[] floats = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            floats[i] = (float) x[i];
        }
        return floats;
    }

    private void look(String method, float[] x, int rows, long first) {
        if (onNote != null && !noted.get()) {
            inputs.range()
                    .flatMap(range -> range.outside(method, x, rows, first))
                    .filter(line -> noted.compareAndSet(false, true))
                    .ifPresent(onNote);
        }
    }

    /** {@return outputs of the model in the unit of the examples; the same array} */
    float[] given(String method, float[] made) {
        return finite(method, inputs.unstandardize(made), inputs.count());
    }

    /** {@return as {@link #given(String, float[])}, with digits that float32 may not hold} */
    double[] givenExactly(String method, float[] made) {
        return inputs.unstandardizeExactly(finite(method, made, inputs.count()));
    }

    /** @throws ElboException numeric, for an answer that is not finite */
    static float[] finite(String method, float[] results, int width) {
        int i = Rows.firstNotFinite(results);
        if (i >= 0) {
            throw ElboException.numeric(method + ": row " + i / width + ", column " + i % width
                    + " (from 0) of the answer is " + results[i] + "; look for extreme values in that row");
        }
        return results;
    }
}
