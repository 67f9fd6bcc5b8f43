package dev.elbo.bench;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.KlWeighting;
import dev.elbo.backend.Metrics;
import dev.elbo.backend.Ops;
import dev.elbo.backend.Schedule;
import dev.elbo.cost.KernelCost;
import dev.elbo.cost.Work;
import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** Every operation of {@link Ops} at sizes that memory bounds, and at those of 784-400-20 at batch 128. */
final class KernelCases {
    static final int BATCH = 128;
    private static final int INPUTS = 784;
    static final int HIDDEN = 400;
    private static final int LATENT = 20;
    private static final int PARAMETERS = 652_824;

    /** Columns of the large matrices: many quads a row, rows aligned. */
    static final int COLUMNS = 1024;
    /** Inner size of a dense layer whose product costs next to nothing. */
    private static final int NARROW = 4;

    private static final int SAMPLES = 50;
    private static final int SHARDS = 8;
    private static final float BYTE = 1 / 255f;

    private final long bytes;
    private final int wide;
    private final List<KernelCase> cases = new ArrayList<>();

    private KernelCases(long bytes, int wide) {
        this.bytes = bytes;
        this.wide = wide;
    }

    /** Returns the cases: large ones move {@code bytes}; {@code wide} is the side of a layer bound by its product. */
    static List<KernelCase> all(long bytes, int wide) {
        KernelCases table = new KernelCases(bytes, wide);
        table.data();
        table.dense();
        new LayerCases(table).all();
        new TableCases(table).all();
        table.latent();
        table.losses();
        table.step();
        return table.cases;
    }

    void add(String op, String label, Work work, Function<Memory, Consumer<Ops>> prepare) {
        cases.add(new KernelCase(op, label, work, prepare));
    }

    long bytes() {
        return bytes;
    }

    /** Rows of so many columns with which an element's bytes come to the wanted ones. */
    int rows(int bytesOfElement, int cols) {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE / 2, bytes / bytesOfElement / cols));
    }

    static String shape(int rows, int cols) {
        return rows + " × " + cols;
    }

    private void data() {
        gather(KernelCost.GATHER_UINT8, rows(KernelCost.GATHER_UINT8.bytes(), INPUTS));
        gather(KernelCost.GATHER_REAL, rows(KernelCost.GATHER_REAL.bytes(), INPUTS));
        gather(KernelCost.GATHER_UINT8, BATCH);
    }

    private void gather(KernelCost cost, int rows) {
        boolean real = cost == KernelCost.GATHER_REAL;
        add(
                "gather",
                (real ? "float32, " : "bytes, ") + shape(rows, INPUTS) + " in random order",
                cost.of((double) rows * INPUTS),
                memory -> {
                    Tensor data = real ? memory.normals(rows, INPUTS) : memory.bytes(rows, INPUTS);
                    Tensor order = memory.order(rows);
                    Tensor x = memory.output(rows, INPUTS);
                    return ops -> ops.gather(data, order, memory.clock(), real ? 1 : BYTE, null, x);
                });
    }

    private void dense() {
        dense(rows(Float.BYTES, COLUMNS), NARROW, COLUMNS, KernelCost.DENSE_THIN);
        dense(BATCH, LATENT, HIDDEN, KernelCost.DENSE_THIN);
        dense(wide, wide, wide, KernelCost.DENSE_ACTIVATION);
        denseGrad(wide, wide, wide, true);
        dense(BATCH, INPUTS, HIDDEN, KernelCost.DENSE_ACTIVATION);
        double heads = 2.0 * BATCH * LATENT;
        Work read = new Work(Float.BYTES * heads, 0);
        dense(
                BATCH,
                HIDDEN,
                2 * LATENT,
                Activation.IDENTITY,
                KernelCost.DENSE_BIAS.of(heads).plus(read));
        denseGrad(rows(KernelCost.DENSE_GRAD_ACTIVATION.bytes() + Float.BYTES, COLUMNS), NARROW, COLUMNS, false);
        thinGrad(rows(KernelCost.DENSE_GRAD_THIN.bytes() + 3 * Float.BYTES, COLUMNS), NARROW, COLUMNS);
        thinGrad(BATCH, LATENT, HIDDEN);
        denseGrad(BATCH, HIDDEN, INPUTS, true);
        denseGrad(BATCH, INPUTS, HIDDEN, false);
        for (int rows : new int[] {rows(KernelCost.ACTIVATE.bytes(), COLUMNS), BATCH}) {
            int cols = rows == BATCH ? HIDDEN : COLUMNS;
            activate(Activation.RELU, 0, rows, cols);
            activate(Activation.SOFTPLUS, 1, rows, cols);
        }
    }

    private void dense(int rows, int in, int out, KernelCost besideProduct) {
        dense(rows, in, out, Activation.RELU, besideProduct.of((double) rows * out));
    }

    private void dense(int rows, int in, int out, Activation activation, Work besideProduct) {
        String label = rows + " × " + in + " × " + out + (activation == Activation.RELU ? ", relu" : "");
        add("dense", label, Work.product(rows, in, out).plus(besideProduct), memory -> {
            Tensor x = memory.normals(rows, in);
            Tensor weight = memory.normals(out, in);
            Tensor bias = memory.normals(1, out);
            Tensor y = memory.output(rows, out);
            return ops -> ops.dense(x, weight, bias, activation, y);
        });
    }

    private void denseGrad(int rows, int in, int out, boolean withInput) {
        denseGrad(rows, in, out, withInput, KernelCost.DENSE_GRAD_ACTIVATION.of((double) rows * out));
    }

    private void thinGrad(int rows, int in, int out) {
        double elements = (double) rows * out;
        Work sums = new Work(Float.BYTES * elements, elements);
        denseGrad(rows, in, out, true, KernelCost.DENSE_GRAD_THIN.of(elements).plus(sums));
    }

    private void denseGrad(int rows, int in, int out, boolean withInput, Work besideProducts) {
        Work weights = Work.product(out, rows, in);
        Work products = withInput ? weights.plus(Work.product(rows, out, in)) : weights;
        String label = rows + " × " + in + " × " + out + ", relu" + (withInput ? "" : ", no dX");
        add("denseGrad", label, besideProducts.plus(products), memory -> {
            Tensor x = memory.normals(rows, in);
            Tensor weight = memory.normals(out, in);
            // above 0, where the derivative is 1: dY stays what it is however often it is multiplied
            Tensor y = memory.fractions(rows, out);
            Tensor dY = memory.normals(rows, out);
            Tensor dW = memory.output(out, in);
            Tensor dB = memory.output(1, out);
            Tensor dX = withInput ? memory.output(rows, in) : null;
            return ops -> ops.denseGrad(x, weight, y, dY, Activation.RELU, dW, dB, dX);
        });
    }

    private void activate(Activation activation, int variant, int rows, int cols) {
        add(
                "activate",
                activation.label() + ", " + shape(rows, cols),
                KernelCost.ACTIVATE.of((double) rows * cols, variant),
                memory -> {
                    Tensor x = memory.normals(rows, cols);
                    Tensor y = memory.output(rows, cols);
                    return ops -> ops.activate(x, activation, y);
                });
    }

    private void latent() {
        normal(rows(KernelCost.NORMAL.bytes(), COLUMNS), COLUMNS);
        normal(BATCH, LATENT);
        reparameterize(rows(KernelCost.REPARAMETERIZE.bytes(), COLUMNS), COLUMNS);
        reparameterize(rows(KernelCost.REPARAMETERIZE.bytes(), LATENT), LATENT);
        reparameterize(BATCH, LATENT);
        int rows = rows(KernelCost.REPARAMETERIZE_GRAD.bytes(), COLUMNS);
        reparameterizeGrad(KlMode.ANALYTIC, 0, rows, COLUMNS);
        reparameterizeGrad(KlMode.SAMPLED, 1, rows, COLUMNS);
        reparameterizeGrad(KlMode.DOUBLY_REPARAMETERIZED, 2, rows, COLUMNS);
        reparameterizeGrad(KlMode.ANALYTIC, 0, BATCH, LATENT);
        gaussianKlMean(rows(KernelCost.GAUSSIAN_KL_MEAN.bytes(), COLUMNS), COLUMNS);
        freeBits(rows(KernelCost.FREE_BITS.bytes(), COLUMNS), COLUMNS);
        gaussianKl(rows(KernelCost.GAUSSIAN_KL.bytes(), COLUMNS), COLUMNS);
        gaussianKl(BATCH, LATENT);
    }

    private void normal(int rows, int cols) {
        add("normal", shape(rows, cols), KernelCost.NORMAL.of((double) rows * cols), memory -> {
            Tensor out = memory.output(rows, cols);
            return ops -> ops.normal(memory.noise(), out);
        });
    }

    private void reparameterize(int rows, int cols) {
        add("reparameterize", shape(rows, cols), KernelCost.REPARAMETERIZE.of((double) rows * cols), memory -> {
            Tensor mu = memory.normals(rows, cols);
            Tensor logVar = memory.normals(rows, cols);
            Tensor z = memory.output(rows, cols);
            Tensor kl = memory.output(rows, 1);
            Tensor sampledKl = memory.output(rows, 1);
            return ops -> ops.reparameterize(mu, logVar, memory.noise(), z, kl, sampledKl);
        });
    }

    private void reparameterizeGrad(KlMode mode, int variant, int rows, int cols) {
        Work work = KernelCost.REPARAMETERIZE_GRAD.of((double) rows * cols, variant);
        add("reparameterizeGrad", mode.label() + ", " + shape(rows, cols), work, memory -> {
            Tensor mu = memory.normals(rows, cols);
            Tensor logVar = memory.normals(rows, cols);
            Tensor dZ = memory.normals(rows, cols);
            Tensor dMu = memory.output(rows, cols);
            Tensor dLogVar = memory.output(rows, cols);
            Schedule schedule = memory.schedule();
            return ops -> ops.reparameterizeGrad(
                    mu, logVar, memory.noise(), dZ, mode, schedule, null, 1.0 / rows, dMu, dLogVar);
        });
    }

    private void gaussianKlMean(int rows, int cols) {
        add("gaussianKlMean", shape(rows, cols), KernelCost.GAUSSIAN_KL_MEAN.of((double) rows * cols), memory -> {
            Tensor mu = memory.normals(rows, cols);
            Tensor logVar = memory.normals(rows, cols);
            Tensor mean = memory.table(1, cols);
            return ops -> ops.gaussianKlMean(mu, logVar, rows, mean);
        });
    }

    private void freeBits(int rows, int cols) {
        Work work = KernelCost.FREE_BITS.of((double) rows * cols);
        add("freeBits", "every unit below the floor, " + shape(rows, cols), work, memory -> {
            Tensor mu = memory.normals(rows, cols);
            Tensor logVar = memory.normals(rows, cols);
            Tensor dMu = memory.normals(rows, cols);
            Tensor dLogVar = memory.normals(rows, cols);
            Tensor klTerm = memory.output(1, 1);
            Tensor mean = memory.table(1, cols);
            Schedule schedule = memory.schedule();
            return ops -> ops.freeBits(mean, mu, logVar, 1e6, schedule, 1.0 / rows, dMu, dLogVar, klTerm);
        });
    }

    private void gaussianKl(int rows, int cols) {
        add("gaussianKl", shape(rows, cols), KernelCost.GAUSSIAN_KL.of((double) rows * cols), memory -> {
            Tensor mu = memory.normals(rows, cols);
            Tensor logVar = memory.normals(rows, cols);
            Tensor klPerUnit = memory.output(rows, cols);
            return ops -> ops.gaussianKl(mu, logVar, klPerUnit);
        });
    }

    private void losses() {
        int large = rows(KernelCost.GAUSSIAN_LOSS.bytes(), INPUTS);
        for (int rows : new int[] {large, BATCH}) {
            gaussianLoss(rows, false);
            gaussianLoss(
                    rows == BATCH
                            ? rows
                            : rows(
                                    KernelCost.GAUSSIAN_LOSS.bytes() + KernelCost.GAUSSIAN_LOSS_VARIANCE.bytes(),
                                    INPUTS),
                    true);
            bernoulliLoss(rows);
            int errors = rows == BATCH ? rows : rows(KernelCost.OPTIMAL_LOG_VAR.bytes(), INPUTS);
            optimalLogVar(errors);
            squaredErrorMean(errors);
        }
        add("logVarOfMean", "one mean", KernelCost.OPTIMAL_LOG_VAR_FINISH.of(1), memory -> {
            Tensor mean = memory.table(1, 1);
            Tensor logVar = memory.output(1, 1);
            return ops -> ops.logVarOfMean(mean, logVar);
        });
        importanceWeights(rows(KernelCost.IMPORTANCE_WEIGHTS.bytes(), SAMPLES));
        importanceWeights(BATCH);
    }

    private void gaussianLoss(int rows, boolean learned) {
        double elements = (double) rows * INPUTS;
        Work work = learned
                ? KernelCost.GAUSSIAN_LOSS.of(elements, 1).plus(KernelCost.GAUSSIAN_LOSS_VARIANCE.of(elements, 1))
                : KernelCost.GAUSSIAN_LOSS.of(elements);
        String label = (learned ? "a learned variance each, " : "unit variance, ") + shape(rows, INPUTS);
        add("gaussianLoss", label, work, memory -> {
            Tensor output = memory.normals(rows, INPUTS);
            Tensor x = memory.fractions(rows, INPUTS);
            Tensor logVar = learned ? memory.normals(1, INPUTS) : null;
            Tensor loss = memory.output(rows, 1);
            Tensor dOutput = memory.output(rows, INPUTS);
            Tensor dLogVar = learned ? memory.output(1, INPUTS) : null;
            return ops -> ops.gaussianLoss(output, x, logVar, null, 1.0 / rows, loss, dOutput, dLogVar);
        });
    }

    private void bernoulliLoss(int rows) {
        Work work = KernelCost.BERNOULLI_LOSS.of((double) rows * INPUTS);
        add("bernoulliLoss", shape(rows, INPUTS), work, memory -> {
            Tensor logits = memory.normals(rows, INPUTS);
            Tensor x = memory.fractions(rows, INPUTS);
            Tensor loss = memory.output(rows, 1);
            Tensor dLogits = memory.output(rows, INPUTS);
            return ops -> ops.bernoulliLoss(logits, x, null, 1.0 / rows, loss, dLogits);
        });
    }

    private void optimalLogVar(int rows) {
        Work work = KernelCost.OPTIMAL_LOG_VAR.of((double) rows * INPUTS);
        add("optimalLogVar", shape(rows, INPUTS), work, memory -> {
            Tensor output = memory.normals(rows, INPUTS);
            Tensor x = memory.fractions(rows, INPUTS);
            Tensor logVar = memory.output(1, 1);
            return ops -> ops.optimalLogVar(output, x, logVar);
        });
    }

    private void squaredErrorMean(int rows) {
        Work work = KernelCost.OPTIMAL_LOG_VAR.of((double) rows * INPUTS);
        add("squaredErrorMean", shape(rows, INPUTS), work, memory -> {
            Tensor output = memory.normals(rows, INPUTS);
            Tensor x = memory.fractions(rows, INPUTS);
            Tensor mean = memory.table(1, 1);
            return ops -> ops.squaredErrorMean(output, x, (long) rows * INPUTS, mean);
        });
    }

    private void importanceWeights(int batch) {
        int rows = SAMPLES * batch;
        add("importanceWeights", shape(SAMPLES, batch), KernelCost.IMPORTANCE_WEIGHTS.of(rows), memory -> {
            Tensor reconstruction = memory.normals(rows, 1);
            Tensor sampledKl = memory.normals(rows, 1);
            Tensor logWeights = memory.output(rows, 1);
            Tensor weights = memory.output(rows, 1);
            Tensor bound = memory.output(batch, 1);
            return ops -> ops.importanceWeights(reconstruction, sampledKl, logWeights, weights, bound);
        });
    }

    private void step() {
        add("rowMean", BATCH + " rows", KernelCost.ROW_MEAN.of(BATCH), memory -> {
            Tensor value = memory.normals(BATCH, 1);
            Tensor mean = memory.table(1, 1);
            return ops -> ops.rowMean(value, BATCH, mean);
        });
        // the total is written beside the shards
        sumShards(rows(KernelCost.SUM_SHARDS_REAL.bytes() * (SHARDS + 1), 1));
        sumShards(PARAMETERS);
        add("klWeight", "one mean", KernelCost.KL_WEIGHT.of(1), memory -> {
            Tensor mean = memory.table(1, 1);
            Schedule schedule = memory.schedule();
            Tensor targets = memory.normals(schedule.table().rows(), 1);
            Tensor state = memory.table(1, KlWeighting.STATE);
            return ops -> ops.klWeight(mean, KlWeighting.MULTIPLIER, targets, 1e-6, state, schedule);
        });
        // both columns are read
        add("stepMetrics", BATCH + " rows", KernelCost.STEP_METRICS.of(2.0 * BATCH), memory -> {
            Tensor reconstruction = memory.normals(BATCH, 1);
            Tensor kl = memory.normals(BATCH, 1);
            Tensor table = memory.table(1, Metrics.COLUMNS);
            Schedule schedule = memory.schedule();
            return ops -> ops.stepMetrics(reconstruction, kl, null, null, null, schedule, table);
        });
        adam(rows(KernelCost.ADAM.bytes(), 1));
        adam(PARAMETERS);
        add("advance", "one clock", KernelCost.ADVANCE.of(1), memory -> ops -> ops.advance(memory.clock(), 0, 0, 0, 0));
    }

    private void sumShards(int n) {
        Work total = new Work(KernelCost.SUM_SHARDS_REAL.bytes() * (double) n, 0);
        Work work = KernelCost.SUM_SHARDS_REAL.of((double) SHARDS * n).plus(total);
        add("sumShards", SHARDS + " shards of " + n, work, memory -> {
            Tensor parts = memory.normals(SHARDS, n);
            Tensor sum = memory.output(1, n);
            return ops -> ops.sumShards(parts, sum);
        });
    }

    private void adam(int n) {
        add("adam", n + " parameters", KernelCost.ADAM.of(n), memory -> {
            Tensor parameters = memory.normals(1, n);
            Tensor gradient = memory.normals(1, n);
            Tensor m = memory.normals(1, n);
            Tensor v = memory.fractions(1, n);
            Schedule schedule = memory.schedule();
            return ops -> ops.adam(parameters, gradient, m, v, schedule, AdamSettings.DEFAULT);
        });
    }
}
