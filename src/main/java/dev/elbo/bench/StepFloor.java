package dev.elbo.bench;

import dev.elbo.backend.KlMode;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Parameters;
import dev.elbo.objective.Elbo;
import dev.elbo.objective.ImportanceWeighted;
import java.util.ArrayList;
import java.util.List;

/**
 * What each launch of a training step must do at least, from memory to memory; what is less than a row of the batch is left
 * out. Where everything stays in a cache, as in small models, a step may well be faster.
 */
final class StepFloor {
    private final VaeSpec model;
    private final double batch;
    private final double rows;
    private final List<Work> launches = new ArrayList<>();

    private StepFloor(StepOptions options) {
        this.model = options.model();
        this.batch = options.batch();
        this.rows = batch * options.objective().samples();
    }

    /** Launch by launch. */
    static List<Work> of(StepOptions options) {
        StepFloor floor = new StepFloor(options);
        floor.launches.add(
                KernelCost.GATHER_UINT8.of(floor.batch * options.model().inputs()));
        floor.forward();
        boolean sampled = options.objective() instanceof Elbo elbo && elbo.kl() == KlMode.SAMPLED;
        if (options.objective() instanceof ImportanceWeighted) {
            sampled = true;
            floor.loss(false);
            floor.launches.add(KernelCost.IMPORTANCE_WEIGHTS.of(floor.rows));
        }
        floor.loss(true);
        floor.backward(sampled);
        floor.launches.add(KernelCost.ADAM.of(Parameters.layout(options.model()).size()));
        return floor.launches;
    }

    private void forward() {
        int width = model.inputs();
        for (int hidden : model.hidden()) {
            dense(batch, width, hidden);
            width = hidden;
        }
        linear(batch, width, 2 * model.latent());
        double codes = model.latent() * batch;
        double samples = model.latent() * rows;
        launches.add(new Work(
                4 * (2 * codes + samples), KernelCost.REPARAMETERIZE.of(samples).flops()));
        width = model.latent();
        for (int i = model.hidden().size() - 1; i >= 0; i--) {
            dense(rows, width, model.hidden().get(i));
            width = model.hidden().get(i);
        }
        linear(rows, width, model.inputs());
    }

    private void dense(double height, double in, double out) {
        launches.add(Work.product(height, in, out));
        launches.add(KernelCost.DENSE_ACTIVATION.of(height * out));
    }

    /** A layer without activation, whose product is added to the bias. */
    private void linear(double height, double in, double out) {
        launches.add(KernelCost.DENSE_BIAS.of(height * out));
        launches.add(Work.product(height, in, out).plus(new Work(4 * height * out, 0)));
    }

    /** Outputs read, the data read once for all samples, and with the gradient written. */
    private void loss(boolean gradient) {
        double outputs = rows * model.inputs();
        double data = batch * model.inputs();
        boolean each = model.variancePerDimension();
        if (model.likelihood() == Likelihood.GAUSSIAN_OPTIMAL) {
            launches.add(new Work(
                    4 * (outputs + data), KernelCost.OPTIMAL_LOG_VAR.of(outputs).flops()));
        }
        KernelCost cost =
                model.likelihood() == Likelihood.BERNOULLI ? KernelCost.BERNOULLI_LOSS : KernelCost.GAUSSIAN_LOSS;
        launches.add(new Work(
                4 * ((gradient ? 2 : 1) * outputs + data),
                cost.of(outputs, each ? 1 : 0).flops()));
        if (gradient && model.likelihood() == Likelihood.GAUSSIAN_LEARNED) {
            launches.add(new Work(
                    4 * (outputs + data),
                    KernelCost.GAUSSIAN_LOSS_VARIANCE.of(outputs, each ? 1 : 0).flops()));
        }
    }

    private void backward(boolean sampled) {
        List<Integer> hidden = model.hidden();
        int depth = hidden.size();
        denseGrad(rows, depth == 0 ? model.latent() : hidden.get(0), model.inputs(), Activation.IDENTITY, true);
        for (int i = 0; i < depth; i++) {
            int in = i == depth - 1 ? model.latent() : hidden.get(i + 1);
            denseGrad(rows, in, hidden.get(i), model.activation(), true);
        }
        double codes = model.latent() * batch;
        double samples = model.latent() * rows;
        launches.add(new Work(
                4 * (4 * codes + samples),
                KernelCost.REPARAMETERIZE_GRAD.of(samples, sampled ? 1 : 0).flops()));
        denseGrad(
                batch,
                depth == 0 ? model.inputs() : hidden.get(depth - 1),
                2 * model.latent(),
                Activation.IDENTITY,
                depth > 0);
        for (int i = depth - 1; i >= 0; i--) {
            int in = i == 0 ? model.inputs() : hidden.get(i - 1);
            denseGrad(batch, in, hidden.get(i), model.activation(), i > 0);
        }
    }

    private void denseGrad(double height, double in, double out, Activation activation, boolean withInput) {
        double elements = height * out;
        // without an activation only the sums over rows are left, which read
        launches.add(
                activation == Activation.IDENTITY
                        ? new Work(4 * elements, elements)
                        : KernelCost.DENSE_GRAD_ACTIVATION.of(elements));
        launches.add(Work.product(out, height, in));
        if (withInput) {
            launches.add(Work.product(height, out, in));
        }
    }
}
