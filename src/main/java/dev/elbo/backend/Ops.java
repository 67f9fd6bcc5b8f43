package dev.elbo.backend;

import dev.elbo.model.Activation;
import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.Tensor;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The closed set of operations that every model is made of, with the contract of each: formula, shapes, what is read and
 * what is written. The checks are here, once; {@link RawOps} is all that a backend writes. Operations never allocate device
 * memory and never wait.
 *
 * <p>Shapes: B examples, D inputs, J latents, K samples of each example. What is sampled has K·B rows, row k·B + b for
 * sample k of example b. Vectors over rows are n × 1 and dense, vectors over columns 1 × n. Outputs share no memory with
 * other arguments. Arguments marked optional may be null. Wrong arguments are an {@link IllegalArgumentException} that
 * names operation, argument and shapes. The {@code scale} of a gradient is a double, so that 1/B is no error on a float64
 * backend; a float32 backend may round it.
 */
public final class Ops extends StepOps {
    /**
     * Creates the checked operations of a backend.
     *
     * @param raw the backend's commands
     * @param submit runs or records a command
     * @param owned whether a buffer belongs to the backend
     */
    public Ops(RawOps raw, Consumer<Runnable> submit, Predicate<Buffer> owned) {
        super(raw, submit, owned);
    }

    /**
     * Computes a dense layer: {@code y = activation(x · weightᵀ + bias)}.
     *
     * @param x R × in
     * @param weight out × in, dense
     * @param bias 1 × out
     * @param activation f, behind x · weightᵀ + bias
     * @param y R × out
     */
    public void dense(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor y) {
        require("dense")
                .real("y", y, x.rows(), weight.rows())
                .real("x", x, x.rows(), weight.cols())
                .real("weight", weight, weight.rows(), weight.cols())
                .dense("weight", weight)
                .real("bias", bias, 1, weight.rows())
                .requireDisjoint("y", y, x, weight, bias);
        submit(raw.dense(x, weight, bias, activation, y));
    }

    /**
     * Computes the gradients of a dense layer. {@code dY} is used up: it becomes the gradient before the activation,
     * {@code dY ⊙ activation′(y)}; with it {@code dW = dYᵀ · x}, {@code dB = Σ_rows dY}, {@code dX = dY · weight}.
     *
     * @param x R × in
     * @param weight out × in, dense
     * @param y R × out, what the layer gave
     * @param dY R × out, read and overwritten
     * @param activation f, as in {@link #dense}
     * @param dW out × in
     * @param dB 1 × out
     * @param dX R × in; optional
     */
    public void denseGrad(
            Tensor x, Tensor weight, Tensor y, Tensor dY, Activation activation, Tensor dW, Tensor dB, Tensor dX) {
        require("denseGrad")
                .real("x", x, x.rows(), weight.cols())
                .real("weight", weight, weight.rows(), weight.cols())
                .dense("weight", weight)
                .real("y", y, x.rows(), weight.rows())
                .real("dY", dY, x.rows(), weight.rows())
                .real("dW", dW, weight.rows(), weight.cols())
                .real("dB", dB, 1, weight.rows())
                .optional("dX", dX, x.rows(), weight.cols())
                .requireDisjoint("dY", dY, x, weight, y)
                .requireDisjoint("dW", dW, x, weight, y, dY)
                .requireDisjoint("dB", dB, x, weight, y, dY, dW)
                .requireDisjoint("dX", dX, x, weight, y, dY, dW, dB);
        submit(raw.denseGrad(x, weight, y, dY, activation, dW, dB, dX));
    }

    /**
     * Computes {@code y = activation(x)}, both R × C.
     *
     * @param x R × C
     * @param activation f
     * @param y R × C, written
     */
    public void activate(Tensor x, Activation activation, Tensor y) {
        require("activate")
                .real("x", x, x.rows(), x.cols())
                .real("y", y, x.rows(), x.cols())
                .requireDisjoint("y", y, x);
        submit(raw.activate(x, activation, y));
    }

    /**
     * Generates standard normals, R × C.
     *
     * @param noise where the normals come from
     * @param out R × C, written
     */
    public void normal(NoiseSource noise, Tensor out) {
        require("normal")
                .real("out", out, out.rows(), out.cols())
                .noise(noise, out.rows(), out.cols())
                .requireDisjoint("out", out, noise.given());
        submit(raw.normal(noise, out));
    }

    /**
     * Computes the reparameterization {@code z = μ + exp(½ log σ²) ⊙ ε} (Kingma and Welling 2013, eq. 10) and the KL
     * divergence of N(μ, σ²) from N(0, I): in closed form {@code ½ Σ_j (μ² + expm1(log σ²) − log σ²)}, never negative
     * (appendix B), and at the sample, {@code log q(z|x) − log p(z) = ½ Σ_j (z² − ε² − log σ²)}. log σ² is clamped to
     * {@link LogVariance}'s bounds.
     *
     * @param mu B × J
     * @param logVar B × J
     * @param noise ε, K·B × J
     * @param z K·B × J
     * @param kl B × 1; optional
     * @param sampledKl K·B × 1; optional
     */
    public void reparameterize(Tensor mu, Tensor logVar, NoiseSource noise, Tensor z, Tensor kl, Tensor sampledKl) {
        Require require = require("reparameterize");
        require.real("mu", mu, mu.rows(), mu.cols())
                .real("logVar", logVar, mu.rows(), mu.cols())
                .real("z", z, z.rows(), mu.cols())
                .noise(noise, z.rows(), z.cols())
                .optionalColumn("kl", kl, mu.rows())
                .optionalColumn("sampledKl", sampledKl, z.rows())
                .requireDisjoint("z", z, mu, logVar, noise.given())
                .requireDisjoint("kl", kl, mu, logVar, noise.given(), z)
                .requireDisjoint("sampledKl", sampledKl, mu, logVar, noise.given(), z, kl)
                .samples("z", z, mu.rows());
        submit(raw.reparameterize(mu, logVar, noise, z, kl, sampledKl));
    }

    /**
     * Computes the gradient of {@code scale · Σ_r rowWeight_r (f(z_r) + β KL_r)} with respect to μ and log σ², where
     * {@code dZ} already holds that of the first part with respect to z, and β comes from the schedule. With w_r =
     * scale · rowWeight_r:
     *
     * <ul>
     *   <li>analytic: {@code dμ = Σ_k dz + β Σ_k w μ}, {@code d log σ² = Σ_k ½ σ ε dz + β Σ_k w ½ expm1(log σ²)};
     *   <li>sampled: with {@code dz' = dz + β w z}, {@code dμ = Σ_k dz'}, {@code d log σ² = Σ_k (½ σ ε dz' − ½ β w)};
     *   <li>doubly reparameterized (Tucker et al. 2019, eq. 8): the sampled divergence with q's own parameters held fixed,
     *       every sample weighted once more: with {@code dz' = rowWeight (dz + β w (z − ε/σ))}, {@code dμ = Σ_k dz'},
     *       {@code d log σ² = Σ_k ½ σ ε dz'}.
     * </ul>
     *
     * Where log σ² is clamped its gradient is zero.
     *
     * @param mu B × J
     * @param logVar B × J
     * @param noise the ε of the forward pass, K·B × J
     * @param dZ K·B × J
     * @param mode which KL divergence the loss holds
     * @param schedule holds β
     * @param rowWeight K·B × 1; optional: 1
     * @param scale of what the gradients are of
     * @param dMu B × J
     * @param dLogVar B × J
     */
    public void reparameterizeGrad(
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
        require("reparameterizeGrad")
                .real("mu", mu, mu.rows(), mu.cols())
                .real("logVar", logVar, mu.rows(), mu.cols())
                .real("dZ", dZ, dZ.rows(), mu.cols())
                .noise(noise, dZ.rows(), dZ.cols())
                .schedule(schedule)
                .optionalColumn("rowWeight", rowWeight, dZ.rows())
                .real("dMu", dMu, mu.rows(), mu.cols())
                .real("dLogVar", dLogVar, mu.rows(), mu.cols())
                .requireDisjoint("dMu", dMu, mu, logVar, noise.given(), dZ, rowWeight, schedule.table())
                .requireDisjoint("dLogVar", dLogVar, mu, logVar, noise.given(), dZ, rowWeight, schedule.table(), dMu)
                .samples("dZ", dZ, mu.rows());
        submit(raw.reparameterizeGrad(mu, logVar, noise, dZ, mode, schedule, rowWeight, scale, dMu, dLogVar));
    }

    /**
     * Applies free bits (Kingma et al. 2016, eq. 15): the KL divergence of a unit counts only as far as its mean over
     * the batch is above a floor. Takes the analytic gradient that {@link #reparameterizeGrad} has added, of {@code
     * scale · Σ_b β KL_b}, back from the units whose mean is not, and gives what stands in the loss.
     *
     * @param mu B × J
     * @param logVar B × J
     * @param floor nats a unit
     * @param schedule β
     * @param scale of the gradient
     * @param dMu B × J, read and written
     * @param dLogVar B × J, read and written
     * @param klTerm 1 × 1, {@code Σ_j max(floor, mean_b KL_bj)}
     */
    public void freeBits(
            Tensor mu,
            Tensor logVar,
            double floor,
            Schedule schedule,
            double scale,
            Tensor dMu,
            Tensor dLogVar,
            Tensor klTerm) {
        require("freeBits")
                .real("mu", mu, mu.rows(), mu.cols())
                .real("logVar", logVar, mu.rows(), mu.cols())
                .schedule(schedule)
                .real("dMu", dMu, mu.rows(), mu.cols())
                .real("dLogVar", dLogVar, mu.rows(), mu.cols())
                .real("klTerm", klTerm, 1, 1)
                .requireDisjoint("dMu", dMu, mu, logVar, schedule.table())
                .requireDisjoint("dLogVar", dLogVar, mu, logVar, schedule.table(), dMu)
                .requireDisjoint("klTerm", klTerm, mu, logVar, schedule.table(), dMu, dLogVar);
        submit(raw.freeBits(mu, logVar, floor, schedule, scale, dMu, dLogVar, klTerm));
    }

    /**
     * Computes the closed-form KL divergence unit by unit: {@code ½ (μ² + expm1(log σ²) − log σ²)}, all B × J.
     *
     * @param mu B × J
     * @param logVar log σ², B × J
     * @param klPerUnit B × J, written
     */
    public void gaussianKl(Tensor mu, Tensor logVar, Tensor klPerUnit) {
        require("gaussianKl")
                .real("mu", mu, mu.rows(), mu.cols())
                .real("logVar", logVar, mu.rows(), mu.cols())
                .real("klPerUnit", klPerUnit, mu.rows(), mu.cols())
                .requireDisjoint("klPerUnit", klPerUnit, mu, logVar);
        submit(raw.gaussianKl(mu, logVar, klPerUnit));
    }

    /**
     * Computes −log N(x; output, σ²) of each row, {@code ½ Σ_d ((x − output)² / σ² + log σ² + log 2π)}, and the
     * gradient of {@code scale · Σ_r rowWeight_r loss_r}, in one pass. Row r is compared with x's row r mod B.
     *
     * @param output K·B × D, the means
     * @param x B × D
     * @param logVar log σ², 1 × 1 (shared) or 1 × D, clamped; optional: 0, unit variance
     * @param rowWeight K·B × 1; optional: 1
     * @param scale of what the gradients are of
     * @param loss K·B × 1; optional
     * @param dOutput K·B × D; optional
     * @param dLogVar like logVar; optional, its σ² held fixed in dOutput
     */
    public void gaussianLoss(
            Tensor output,
            Tensor x,
            Tensor logVar,
            Tensor rowWeight,
            double scale,
            Tensor loss,
            Tensor dOutput,
            Tensor dLogVar) {
        Require require = lossArguments("gaussianLoss", output, x, rowWeight, loss, dOutput);
        if (logVar != null) {
            require.real("logVar", logVar, 1, logVar.cols())
                    .that(
                            logVar.cols() == 1 || logVar.cols() == output.cols(),
                            "logVar is " + logVar.shape() + ", not 1 × 1 or 1 × " + output.cols())
                    .optional("dLogVar", dLogVar, 1, logVar.cols());
        }
        require.that(dLogVar == null || logVar != null, "dLogVar without logVar")
                .requireDisjoint("loss", loss, logVar)
                .requireDisjoint("dOutput", dOutput, logVar)
                .requireDisjoint("dLogVar", dLogVar, output, x, logVar, rowWeight, loss, dOutput);
        submit(raw.gaussianLoss(output, x, logVar, rowWeight, scale, loss, dOutput, dLogVar));
    }

    /**
     * Computes −log Bernoulli(x; sigmoid(logits)) of each row, {@code Σ_d (max(l, 0) − l x + log1p(exp(−|l|)))}, and
     * the gradient {@code scale · rowWeight_r (sigmoid(l) − x)}, in one pass. Row r is compared with x's row r mod B.
     *
     * @param logits K·B × D
     * @param x B × D, in [0, 1]
     * @param rowWeight K·B × 1; optional: 1
     * @param scale of what the gradients are of
     * @param loss K·B × 1; optional
     * @param dLogits K·B × D; optional
     */
    public void bernoulliLoss(Tensor logits, Tensor x, Tensor rowWeight, double scale, Tensor loss, Tensor dLogits) {
        lossArguments("bernoulliLoss", logits, x, rowWeight, loss, dLogits);
        submit(raw.bernoulliLoss(logits, x, rowWeight, scale, loss, dLogits));
    }

    private Require lossArguments(String op, Tensor output, Tensor x, Tensor rowWeight, Tensor loss, Tensor dOutput) {
        Require require = require(op);
        require.real("output", output, output.rows(), output.cols())
                .real("x", x, x.rows(), output.cols())
                .optionalColumn("rowWeight", rowWeight, output.rows())
                .optionalColumn("loss", loss, output.rows())
                .optional("dOutput", dOutput, output.rows(), output.cols())
                .requireDisjoint("loss", loss, output, x, rowWeight)
                .requireDisjoint("dOutput", dOutput, output, x, rowWeight, loss)
                .samples("output", output, x.rows());
        return require;
    }

    /**
     * Computes the log of the variance that fits best, the mean squared error over all elements, at least {@link
     * LogVariance#FLOOR} (Rybkin et al. 2021, eq. 5).
     *
     * @param output K·B × D
     * @param x B × D
     * @param logVar 1 × 1
     */
    public void optimalLogVar(Tensor output, Tensor x, Tensor logVar) {
        Require require = require("optimalLogVar");
        require.real("output", output, output.rows(), output.cols())
                .real("x", x, x.rows(), output.cols())
                .real("logVar", logVar, 1, 1)
                .requireDisjoint("logVar", logVar, output, x)
                .samples("output", output, x.rows());
        submit(raw.optimalLogVar(output, x, logVar));
    }

    /**
     * Computes importance weights (Burda et al. 2016, eq. 8 and 13): {@code log w = −reconstruction − sampledKl},
     * {@code bound = logsumexp_k log w − log K}, {@code weights = softmax_k(log w)}. With K = 1 the weight is exactly
     * 1.
     *
     * @param reconstruction −log p(x|z), K·B × 1
     * @param sampledKl log q(z|x) − log p(z), K·B × 1
     * @param logWeights K·B × 1; optional
     * @param weights K·B × 1; optional
     * @param bound B × 1: fixes B
     */
    public void importanceWeights(
            Tensor reconstruction, Tensor sampledKl, Tensor logWeights, Tensor weights, Tensor bound) {
        Require require = require("importanceWeights");
        int rows = reconstruction.rows();
        require.column("reconstruction", reconstruction, rows)
                .column("sampledKl", sampledKl, rows)
                .optionalColumn("logWeights", logWeights, rows)
                .optionalColumn("weights", weights, rows)
                .column("bound", bound, bound.rows())
                .requireDisjoint("logWeights", logWeights, reconstruction, sampledKl)
                .requireDisjoint("weights", weights, reconstruction, sampledKl, logWeights)
                .requireDisjoint("bound", bound, reconstruction, sampledKl, logWeights, weights)
                .samples("reconstruction", reconstruction, bound.rows());
        submit(raw.importanceWeights(reconstruction, sampledKl, logWeights, weights, bound));
    }
}
