package dev.elbo.analysis;

import dev.elbo.data.ClassLabels;
import dev.elbo.data.Dataset;
import dev.elbo.tensor.Tensor;
import java.util.List;

/** The class of each example of a source, as a column beside its values. */
final class ClassColumn {
    private ClassColumn() {}

    /** Returns the class of each example for a backend; null without classes. */
    static float[] of(Dataset data, List<String> classes) {
        if (classes.isEmpty()) {
            return null;
        }
        int[] numbers = ClassLabels.of(data, classes);
        float[] labels = new float[numbers.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = numbers[i];
        }
        return labels;
    }

    /**
     * Returns whether to gather labels.
     *
     * @throws IllegalArgumentException if they are asked for but were not read
     */
    static boolean tells(boolean read, Tensor asked) {
        if (asked != null && !read) {
            throw new IllegalArgumentException(
                    "the model is told the class of each example, but the data were opened without its classes");
        }
        return asked != null;
    }
}
