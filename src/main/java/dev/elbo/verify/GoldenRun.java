package dev.elbo.verify;

import dev.elbo.backend.Backend;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.LogVariance;
import dev.elbo.backend.Metrics;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Program;
import dev.elbo.backend.Schedule;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Activations;
import dev.elbo.net.Network;
import dev.elbo.net.Parameters;
import dev.elbo.net.Vae;
import dev.elbo.objective.Elbo;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import dev.elbo.objective.Shard;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * One golden case on one backend, through the code that trains: net, objective and Adam, with the case's noise. Only
 * quantities that training does not use are computed here, on the host in float64: sums of downloaded rows, and the
 * path to x through the likelihood.
 */
final class GoldenRun {
    private final GoldenCase golden;
    private final VaeSpec spec;
    private final Scratch scratch;
    private final Arena parameters;
    private final Arena gradients;
    private final Vae vae;
    private final Activations activations;
    private final Tensor x;
    private final Tensor noise;
    private final Schedule schedule;
    private final Tensor metrics;

    private GoldenRun(GoldenCase golden, Scratch scratch) {
        this.golden = golden;
        this.spec = golden.spec();
        this.scratch = scratch;
        parameters = scratch.arena(spec);
        gradients = scratch.arena(spec);
        Parameters files = Network.of(spec).parameters();
        files.shapes().keySet().forEach(name -> files.write(name, golden.given().get(name), parameters));
        vae = scratch.own(new Vae(scratch.backend(), spec, parameters));
        activations = scratch.own(vae.allocate(golden.batch(), golden.samples(), true));
        if (spec.conditional()) {
            activations.labels().write(golden.given().get("labels"));
        }
        x = scratch.real(golden.batch(), spec.inputs(), golden.given().get("x"));
        noise = scratch.zeros(golden.batch() * golden.samples(), spec.latent());
        Tensor table = scratch.zeros(golden.steps(), Schedule.COLUMNS);
        for (int t = 1; t <= golden.steps(); t++) {
            table.rows(t - 1, 1).write(golden.adam().scheduleRow(t, golden.learningRate(), golden.beta()));
        }
        schedule = new Schedule(table, scratch.clock(1, 0, 0, 0));
        metrics = scratch.zeros(ElementType.FLOAT64, golden.steps(), Metrics.COLUMNS);
    }

    /** {@return all arrays that a case of this kind may expect, by name, row-major} */
    static Map<String, double[]> of(GoldenCase golden, Backend backend) {
        try (Scratch scratch = new Scratch(backend)) {
            GoldenRun run = new GoldenRun(golden, scratch);
            return golden.kind() == GoldenCase.Kind.ADAM ? run.train() : run.once();
        }
    }

    private Objective objective() {
        return switch (golden.kind()) {
            case VAE, ADAM -> new Elbo(golden.samples(), golden.kl());
            case IWAE -> Objectives.iwae(golden.samples());
            case AE -> Objectives.autoencoder();
        };
    }

    private void step() {
        objective()
                .step(Shard.whole(vae, activations, x, NoiseSource.given(noise), schedule, gradients, metrics, null));
    }

    /** Recorded once and replayed, as training does. */
    private Map<String, double[]> train() {
        Tensor m = scratch.arena(spec).flat();
        Tensor v = scratch.arena(spec).flat();
        Program program = scratch.own(scratch.backend().record(() -> {
            step();
            scratch.ops().adam(parameters.flat(), gradients.flat(), m, v, schedule, golden.adam());
            scratch.ops().advance(schedule.clock(), 1, 0, 1, 0);
        }));
        double[] all = golden.given().get("noise");
        int size = Math.toIntExact(noise.size());
        for (int t = 0; t < golden.steps(); t++) {
            noise.write(Arrays.copyOfRange(all, t * size, (t + 1) * size));
            program.run();
        }
        Map<String, double[]> found = new TreeMap<>();
        found.put("losses", metrics.cols(Metrics.LOSS, 1).toDoubles());
        weights(found, "final.", parameters);
        return found;
    }

    private void weights(Map<String, double[]> found, String prefix, Arena values) {
        Parameters files = vae.network().parameters();
        files.shapes().keySet().forEach(name -> found.put(prefix + name, files.doubles(name, values)));
    }

    private Map<String, double[]> once() {
        if (Network.of(spec).stochastic()) {
            noise.write(golden.given().get("noise"));
        }
        step();
        Map<String, double[]> found = new TreeMap<>();
        Activations a = activations;
        found.put("mu", a.mu().toDoubles());
        found.put("z", a.z().toDoubles());
        found.put("output", a.output().toDoubles());
        found.put("reconstruction", a.reconstruction().toDoubles());
        found.put("loss", metrics.cols(Metrics.LOSS, 1).toDoubles());
        if (vae.network().likelihood().fitsVariance()) {
            found.put(Parameters.OUTPUT_LOG_VAR, a.outputLogVar().toDoubles());
        }
        if (Network.of(spec).stochastic()) {
            posterior(found);
        }
        if (golden.kind() == GoldenCase.Kind.IWAE) {
            found.put("log_weights", a.logWeights().toDoubles());
            found.put("normalized_weights", a.weights().toDoubles());
            found.put("bound", a.bound().toDoubles());
        }
        found.put("loss_per_example", lossPerExample(found));
        weights(found, "grad.", gradients);
        if (vae.network().likelihood().columns().isEmpty()) {
            found.put("grad.x", inputGradient());
        }
        return found;
    }

    private void posterior(Map<String, double[]> found) {
        Activations a = activations;
        Tensor perUnit = scratch.zeros(golden.batch(), spec.latent());
        scratch.ops().gaussianKl(a.mu(), a.logVar(), perUnit);
        found.put(
                "log_var",
                Arrays.stream(a.logVar().toDoubles()).map(LogVariance::clamp).toArray());
        found.put("kl", a.kl().toDoubles());
        found.put("kl_per_dim", perUnit.toDoubles());
        found.put("sampled_kl", a.sampledKl().toDoubles());
        double[] reconstruction = meanOverSamples(found.get("reconstruction"));
        double[] divergence = divergence(found);
        double[] elbo = new double[golden.batch()];
        Arrays.setAll(elbo, b -> -reconstruction[b] - divergence[b]);
        found.put("elbo", elbo);
    }

    /** The KL divergence that the loss holds, for each example. */
    private double[] divergence(Map<String, double[]> found) {
        return golden.kl() == KlMode.SAMPLED ? meanOverSamples(found.get("sampled_kl")) : found.get("kl");
    }

    private double[] lossPerExample(Map<String, double[]> found) {
        double[] loss = meanOverSamples(found.get("reconstruction"));
        for (int b = 0; b < loss.length; b++) {
            loss[b] = switch (golden.kind()) {
                case VAE, ADAM -> loss[b] + golden.beta() * divergence(found)[b];
                case IWAE -> -found.get("bound")[b];
                case AE -> loss[b];
            };
        }
        return loss;
    }

    private double[] meanOverSamples(double[] rows) {
        double[] means = new double[golden.batch()];
        for (int r = 0; r < rows.length; r++) {
            means[r % means.length] += rows[r] / golden.samples();
        }
        return means;
    }

    /**
     * Through the encoder, and through the likelihood: of real numbers −dOutput, since it depends on x − output alone; of
     * binary values −(row's weight) · logits.
     */
    private double[] inputGradient() {
        Activations a = activations;
        Tensor dX = scratch.zeros(golden.batch(), spec.inputs());
        vae.encodeGrad(x, a, gradients, dX);
        double[] gradient = dX.toDoubles();
        boolean binary = vae.network().likelihood().binary();
        double[] direct = (binary ? a.output() : a.dOutput()).toDoubles();
        boolean weighted = golden.kind() == GoldenCase.Kind.IWAE;
        double[] weights = weighted ? a.weights().toDoubles() : null;
        double scale = 1.0 / (weighted ? golden.batch() : golden.batch() * golden.samples());
        for (int i = 0; i < direct.length; i++) {
            double weight = !binary ? 1 : weighted ? scale * weights[i / spec.inputs()] : scale;
            gradient[i % gradient.length] -= weight * direct[i];
        }
        return gradient;
    }
}
