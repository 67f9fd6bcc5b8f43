package dev.elbo.cost;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.Clock;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.KlWeighting;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.RawOps;
import dev.elbo.backend.Schedule;
import dev.elbo.model.Activation;
import dev.elbo.model.Patches;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The work of each operation, launch by launch as the CUDA backend makes it, from memory to memory; what is less than a row
 * of the batch is left out. Running a command reports its work and does nothing.
 */
final class CountedOps
        implements RawOps.Dense,
                RawOps.Convolution,
                RawOps.Classes,
                RawOps.Columns,
                RawOps.Latent,
                RawOps.Loss,
                RawOps.Step {
    private static final int FLOAT = Float.BYTES;

    private final Consumer<List<Work>> counter;

    CountedOps(Consumer<List<Work>> counter) {
        this.counter = counter;
    }

    private Runnable count(Work... launches) {
        List<Work> works = List.of(launches);
        return () -> counter.accept(works);
    }

    @Override
    public Runnable gather(Tensor data, Tensor order, Clock clock, float scale, NoiseSource binarize, Tensor x) {
        KernelCost cost = data.type() == ElementType.UINT8 ? KernelCost.GATHER_UINT8 : KernelCost.GATHER_REAL;
        return count(cost.of(x.size(), binarize == null ? 0 : 1));
    }

    @Override
    public Runnable dense(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor y) {
        Work product = Work.product(x.rows(), x.cols(), y.cols());
        if (bias == null && activation == Activation.IDENTITY) {
            return count(product);
        }
        if (bias != null && x.cols() <= KernelCost.THIN) {
            return count(product.plus(KernelCost.DENSE_THIN.of(y.size())));
        }
        // without an activation the product is added to the bias, which was laid out before
        return activation == Activation.IDENTITY
                ? count(KernelCost.DENSE_BIAS.of(y.size()), product.plus(new Work(FLOAT * (double) y.size(), 0)))
                : count(product, KernelCost.DENSE_ACTIVATION.of(y.size()));
    }

    @Override
    public Runnable denseGrad(
            Tensor x, Tensor weight, Tensor y, Tensor dY, Activation activation, Tensor dW, Tensor dB, Tensor dX) {
        List<Work> launches = new ArrayList<>();
        Work inputs = Work.product(x.rows(), dY.cols(), x.cols());
        boolean thin = dX != null && activation != Activation.IDENTITY && x.cols() <= KernelCost.THIN;
        if (thin) {
            launches.add(inputs.plus(KernelCost.DENSE_GRAD_THIN.of(dY.size())));
        }
        if (activation != Activation.IDENTITY && !thin) {
            launches.add(KernelCost.DENSE_GRAD_ACTIVATION.of(dY.size()));
        } else if (dB != null) {
            launches.add(sums(dY));
        }
        launches.add(Work.product(dY.cols(), dY.rows(), x.cols()));
        if (dX != null && !thin) {
            launches.add(inputs);
        }
        return count(launches.toArray(Work[]::new));
    }

    /** Without an activation only the sums over rows are left, which read. */
    private static Work sums(Tensor dY) {
        return new Work(FLOAT * (double) dY.size(), dY.size());
    }

    @Override
    public Runnable activate(Tensor x, Activation activation, Tensor y) {
        return count(KernelCost.ACTIVATE.of(y.size(), activation == Activation.IDENTITY ? 0 : 1));
    }

    @Override
    public Runnable normal(NoiseSource noise, Tensor out) {
        return count(KernelCost.NORMAL.of(out.size()));
    }

    @Override
    public Runnable reparameterize(Tensor mu, Tensor logVar, NoiseSource noise, Tensor z, Tensor kl, Tensor sampledKl) {
        return count(new Work(
                FLOAT * (2.0 * mu.size() + z.size()),
                KernelCost.REPARAMETERIZE.of(z.size()).flops()));
    }

    @Override
    public Runnable reparameterizeGrad(
            Tensor mu,
            Tensor logVar,
            NoiseSource noise,
            Tensor dZ,
            KlMode mode,
            Schedule schedule,
            Tensor rowWeight,
            double scale,
            Tensor dMu,
            Tensor dLogVar) {
        int variant = switch (mode) {
            case ANALYTIC -> 0;
            case SAMPLED -> 1;
            case DOUBLY_REPARAMETERIZED -> 2;
        };
        return count(new Work(
                FLOAT * (4.0 * mu.size() + dZ.size()),
                KernelCost.REPARAMETERIZE_GRAD.of(dZ.size(), variant).flops()));
    }

    @Override
    public Runnable gaussianKlMean(Tensor mu, Tensor logVar, int rows, Tensor mean) {
        return count(KernelCost.GAUSSIAN_KL_MEAN.of(mu.size()));
    }

    @Override
    public Runnable freeBits(
            Tensor mean,
            Tensor mu,
            Tensor logVar,
            double floor,
            Schedule schedule,
            double scale,
            Tensor dMu,
            Tensor dLogVar,
            Tensor klTerm) {
        return count(KernelCost.FREE_BITS.of(mu.size()));
    }

    @Override
    public Runnable gaussianKl(Tensor mu, Tensor logVar, Tensor klPerUnit) {
        return count(KernelCost.GAUSSIAN_KL.of(mu.size()));
    }

    @Override
    public Runnable gaussianLoss(
            Tensor output,
            Tensor x,
            Tensor logVar,
            Tensor rowWeight,
            double scale,
            Tensor loss,
            Tensor dOutput,
            Tensor dLogVar) {
        int variant = logVar != null && logVar.cols() > 1 ? 1 : 0;
        Work rows = rows(KernelCost.GAUSSIAN_LOSS, variant, output, x, dOutput);
        return dLogVar == null
                ? count(rows)
                : count(rows, rows(KernelCost.GAUSSIAN_LOSS_VARIANCE, variant, output, x, null));
    }

    @Override
    public Runnable bernoulliLoss(
            Tensor logits, Tensor x, Tensor rowWeight, double scale, Tensor loss, Tensor dLogits) {
        return count(rows(KernelCost.BERNOULLI_LOSS, 0, logits, x, dLogits));
    }

    /** Outputs read, the data read once for all samples, and the gradient, if any, written. */
    private static Work rows(KernelCost cost, int variant, Tensor output, Tensor x, Tensor gradient) {
        return new Work(
                FLOAT * ((gradient == null ? 1.0 : 2.0) * output.size() + x.size()),
                cost.of(output.size(), variant).flops());
    }

    @Override
    public Runnable optimalLogVar(Tensor output, Tensor x, Tensor logVar) {
        return count(rows(KernelCost.OPTIMAL_LOG_VAR, 0, output, x, null));
    }

    @Override
    public Runnable squaredErrorMean(Tensor output, Tensor x, long elements, Tensor mean) {
        return count(rows(KernelCost.OPTIMAL_LOG_VAR, 0, output, x, null));
    }

    @Override
    public Runnable logVarOfMean(Tensor mean, Tensor logVar) {
        return count(KernelCost.OPTIMAL_LOG_VAR_FINISH.of(1));
    }

    @Override
    public Runnable importanceWeights(
            Tensor reconstruction, Tensor sampledKl, Tensor logWeights, Tensor weights, Tensor bound) {
        return count(KernelCost.IMPORTANCE_WEIGHTS.of(reconstruction.size()));
    }

    @Override
    public Runnable stepMetrics(
            Tensor reconstruction,
            Tensor kl,
            Tensor klTerm,
            Tensor bound,
            Tensor outputLogVar,
            Schedule schedule,
            Tensor table) {
        return count(KernelCost.STEP_METRICS.of((double) reconstruction.size() + (kl == null ? 0 : kl.size())));
    }

    @Override
    public Runnable rowMean(Tensor value, int rows, Tensor mean) {
        return count(KernelCost.ROW_MEAN.of(value.size()));
    }

    @Override
    public Runnable sumShards(Tensor parts, Tensor total) {
        boolean real = parts.type() == ElementType.REAL;
        KernelCost cost = real ? KernelCost.SUM_SHARDS_REAL : KernelCost.SUM_SHARDS_FLOAT64;
        return count(cost.of(parts.size()).plus(new Work(cost.bytes() * (double) total.size(), 0)));
    }

    @Override
    public Runnable klWeight(
            Tensor mean, KlWeighting weighting, Tensor targets, double rate, Tensor state, Schedule schedule) {
        return count(KernelCost.KL_WEIGHT.of(1));
    }

    @Override
    public Runnable adam(
            Tensor parameters, Tensor gradient, Tensor m, Tensor v, Schedule schedule, AdamSettings settings) {
        return count(KernelCost.ADAM.of(parameters.size()));
    }

    @Override
    public Runnable advance(Clock clock, int step, int row, int slot, int sample) {
        return count(KernelCost.ADVANCE.of(1));
    }

    @Override
    public Runnable activateGrad(Tensor y, Tensor dY, Activation activation, Tensor dB) {
        return count(activation == Activation.IDENTITY ? sums(dY) : KernelCost.DENSE_GRAD_ACTIVATION.of(dY.size()));
    }

    @Override
    public Runnable unfold(Tensor x, Patches patches, Tensor unfolded) {
        return count(new Work(FLOAT * (double) (x.size() + unfolded.size()), 0));
    }

    @Override
    public Runnable fold(Tensor unfolded, Patches patches, Tensor bias, Activation activation, Tensor y) {
        return count(new Work(
                FLOAT * (double) (unfolded.size() + y.size()),
                KernelCost.FOLD.of(unfolded.size()).flops()));
    }

    @Override
    public Runnable classBias(Tensor labels, Tensor table, Activation activation, Tensor y) {
        return count(KernelCost.CLASS_BIAS.of(y.size()).plus(new Work(FLOAT * (double) table.size(), 0)));
    }

    @Override
    public Runnable classBiasGrad(Tensor labels, Tensor dY, Tensor dTable) {
        return count(KernelCost.CLASS_BIAS_GRAD.of(dY.size()).plus(new Work(FLOAT * (double) dTable.size(), 0)));
    }

    @Override
    public Runnable columnInputs(Tensor x, Tensor columns, Tensor inputs) {
        return count(KernelCost.COLUMN_INPUTS.of(x.size()));
    }

    /** Counts every column as a gaussian one, the cheapest kind: which there are is only known when it runs. */
    @Override
    public Runnable columnLoss(
            Tensor output,
            Tensor x,
            Tensor columns,
            Tensor logVar,
            Tensor logDispersion,
            Tensor rowWeight,
            double scale,
            Tensor loss,
            Tensor dOutput,
            Tensor dLogVar,
            Tensor dLogDispersion) {
        Work rows = rows(KernelCost.COLUMN_LOSS, 0, output, x, dOutput);
        if (dLogVar == null && dLogDispersion == null) {
            return count(rows);
        }
        double parameters = (logVar == null ? 0 : logVar.cols()) + (logDispersion == null ? 0 : logDispersion.cols());
        double terms = output.rows() * parameters;
        return count(rows.plus(new Work(FLOAT * terms, 0)), KernelCost.COLUMN_LOSS_FINISH.of(terms));
    }

    @Override
    public Runnable columnMean(Tensor output, Tensor columns, Tensor mean) {
        return count(KernelCost.COLUMN_MEAN.of(output.size()));
    }
}
