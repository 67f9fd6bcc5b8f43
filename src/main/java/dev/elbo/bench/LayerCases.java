package dev.elbo.bench;

import dev.elbo.cost.KernelCost;
import dev.elbo.cost.Work;
import dev.elbo.model.Activation;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.Patches;
import dev.elbo.tensor.Tensor;

/** The cases of convolutions, and of dense layers that are told classes. */
record LayerCases(KernelCases table) {
    private static final int CLASSES = 10;

    void all() {
        classes();
        convolutions();
    }

    private void classes() {
        classBias(table.rows(KernelCost.CLASS_BIAS.bytes(), KernelCases.COLUMNS), KernelCases.COLUMNS);
        classBias(KernelCases.BATCH, KernelCases.HIDDEN);
        classBiasGrad(table.rows(KernelCost.CLASS_BIAS_GRAD.bytes(), KernelCases.COLUMNS), KernelCases.COLUMNS);
        classBiasGrad(KernelCases.BATCH, KernelCases.HIDDEN);
    }

    private void classBias(int rows, int cols) {
        Work work = KernelCost.CLASS_BIAS.of((double) rows * cols);
        table.add("classBias", CLASSES + " classes, relu, " + KernelCases.shape(rows, cols), work, memory -> {
            Tensor labels = memory.labels(rows, CLASSES);
            // above 0: relu keeps what it is given, and no run makes y so large that it overflows
            Tensor table = memory.fractions(CLASSES, cols);
            Tensor y = memory.fractions(rows, cols);
            return ops -> ops.classBias(labels, table, Activation.RELU, y);
        });
    }

    private void classBiasGrad(int rows, int cols) {
        Work work = KernelCost.CLASS_BIAS_GRAD.of((double) rows * cols);
        table.add("classBiasGrad", CLASSES + " classes, " + KernelCases.shape(rows, cols), work, memory -> {
            Tensor labels = memory.labels(rows, CLASSES);
            Tensor dY = memory.normals(rows, cols);
            Tensor dTable = memory.output(CLASSES, cols);
            return ops -> ops.classBiasGrad(labels, dY, dTable);
        });
    }

    /** The pictures between the two layers of a small network on 28 × 28 pixels. */
    private void convolutions() {
        Patches patches = new Patches(new FeatureMap(32, 14, 14), 4, 2, 1, false);
        long values = patches.picture().size() + (long) patches.count() * patches.size();
        int[] sizes = {(int) Math.max(1, table.bytes() / Float.BYTES / values), KernelCases.BATCH};
        for (int pictures : sizes) {
            int rows = pictures * patches.count();
            String label = pictures + " of " + patches.picture() + ", 4 × 4 patches";
            double moved = (double) Float.BYTES * pictures * values;
            table.add("unfold", label, new Work(moved, 0), memory -> {
                Tensor x = memory.normals(pictures, patches.picture().size());
                Tensor unfolded = memory.output(rows, patches.size());
                return ops -> ops.unfold(x, patches, unfolded);
            });
            Work sums = KernelCost.FOLD.of((double) rows * patches.size());
            table.add("fold", label + ", relu", new Work(moved, sums.flops()), memory -> {
                Tensor unfolded = memory.normals(rows, patches.size());
                Tensor bias = memory.normals(1, patches.picture().channels());
                Tensor y = memory.output(pictures, patches.picture().size());
                return ops -> ops.fold(unfolded, patches, bias, Activation.RELU, y);
            });
        }
        activateGrad(table.rows(KernelCost.DENSE_GRAD_ACTIVATION.bytes(), KernelCases.COLUMNS), KernelCases.COLUMNS);
        activateGrad(KernelCases.BATCH * 14 * 14, 32);
    }

    private void activateGrad(int rows, int cols) {
        Work work = KernelCost.DENSE_GRAD_ACTIVATION.of((double) rows * cols);
        table.add("activateGrad", "relu, " + KernelCases.shape(rows, cols), work, memory -> {
            Tensor y = memory.fractions(rows, cols);
            Tensor dY = memory.normals(rows, cols);
            Tensor dB = memory.output(1, cols);
            return ops -> ops.activateGrad(y, dY, Activation.RELU, dB);
        });
    }
}
