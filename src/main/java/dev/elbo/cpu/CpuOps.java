package dev.elbo.cpu;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.Clock;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.KlWeighting;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.RawOps;
import dev.elbo.backend.Schedule;
import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;

/** The operations as commands over blocks; formulas and shapes are in {@link dev.elbo.backend.Ops}. */
final class CpuOps implements RawOps {
    /** Elements of a block of a pass over memory: enough to be worth waking a thread for. */
    static final int ELEMENTS = 1 << 15;

    private final Workers workers;
    private final DenseCommands dense;
    private final LatentCommands latent;
    private final GaussianCommands gaussian;
    private final StepCommands steps;

    CpuOps(Workers workers, Products products) {
        this.workers = workers;
        this.dense = new DenseCommands(workers, products);
        this.latent = new LatentCommands(workers);
        this.gaussian = new GaussianCommands(workers);
        this.steps = new StepCommands(workers);
    }

    @Override
    public Runnable gather(Tensor data, Tensor order, Clock clock, float scale, NoiseSource binarize, Tensor x) {
        return steps.gather(data, order, clock, scale, binarize, Slice.of(x));
    }

    @Override
    public Runnable dense(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor y) {
        return dense.forward(Slice.of(x), Slice.of(weight), Slice.of(bias), activation, Slice.of(y));
    }

    @Override
    public Runnable denseGrad(
            Tensor x, Tensor weight, Tensor y, Tensor dY, Activation activation, Tensor dW, Tensor dB, Tensor dX) {
        return dense.backward(
                Slice.of(x),
                Slice.of(weight),
                Slice.of(y),
                Slice.of(dY),
                activation,
                Slice.of(dW),
                Slice.of(dB),
                Slice.of(dX));
    }

    @Override
    public Runnable activate(Tensor x, Activation activation, Tensor y) {
        return dense.activate(Slice.of(x), activation, Slice.of(y));
    }

    @Override
    public Runnable normal(NoiseSource noise, Tensor out) {
        return latent.normal(noise, Slice.of(out));
    }

    @Override
    public Runnable reparameterize(Tensor mu, Tensor logVar, NoiseSource noise, Tensor z, Tensor kl, Tensor sampledKl) {
        return latent.forward(Slice.of(mu), Slice.of(logVar), noise, Slice.of(z), Slice.of(kl), Slice.of(sampledKl));
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
        return latent.backward(
                Slice.of(mu),
                Slice.of(logVar),
                noise,
                Slice.of(dZ),
                mode,
                ScheduleRow.of(schedule),
                Slice.of(rowWeight),
                scale,
                Slice.of(dMu),
                Slice.of(dLogVar));
    }

    @Override
    public Runnable gaussianKl(Tensor mu, Tensor logVar, Tensor klPerUnit) {
        return latent.kl(Slice.of(mu), Slice.of(logVar), Slice.of(klPerUnit));
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
        return gaussian.loss(
                Slice.of(output),
                Slice.of(x),
                Slice.of(logVar),
                Slice.of(rowWeight),
                scale,
                Slice.of(loss),
                Slice.of(dOutput),
                Slice.of(dLogVar));
    }

    @Override
    public Runnable bernoulliLoss(
            Tensor logits, Tensor x, Tensor rowWeight, double scale, Tensor loss, Tensor dLogits) {
        return BernoulliCommand.of(
                workers, Slice.of(logits), Slice.of(x), Slice.of(rowWeight), scale, Slice.of(loss), Slice.of(dLogits));
    }

    @Override
    public Runnable optimalLogVar(Tensor output, Tensor x, Tensor logVar) {
        return gaussian.optimalLogVar(Slice.of(output), Slice.of(x), Slice.of(logVar));
    }

    @Override
    public Runnable importanceWeights(
            Tensor reconstruction, Tensor sampledKl, Tensor logWeights, Tensor weights, Tensor bound) {
        return WeightCommand.of(
                Slice.of(reconstruction),
                Slice.of(sampledKl),
                Slice.of(logWeights),
                Slice.of(weights),
                Slice.of(bound));
    }

    @Override
    public Runnable klWeight(
            Tensor value, KlWeighting weighting, Tensor targets, double rate, Tensor state, Schedule schedule) {
        return steps.klWeight(Slice.of(value), weighting, Slice.of(targets), rate, state, ScheduleRow.of(schedule));
    }

    @Override
    public Runnable freeBits(
            Tensor mu,
            Tensor logVar,
            double floor,
            Schedule schedule,
            double scale,
            Tensor dMu,
            Tensor dLogVar,
            Tensor klTerm) {
        return latent.freeBits(
                Slice.of(mu),
                Slice.of(logVar),
                floor,
                ScheduleRow.of(schedule),
                scale,
                Slice.of(dMu),
                Slice.of(dLogVar),
                Slice.of(klTerm));
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
        return steps.metrics(
                Slice.of(reconstruction),
                Slice.of(kl),
                Slice.of(klTerm),
                Slice.of(bound),
                Slice.of(outputLogVar),
                ScheduleRow.of(schedule),
                table);
    }

    @Override
    public Runnable adam(
            Tensor parameters, Tensor gradient, Tensor m, Tensor v, Schedule schedule, AdamSettings settings) {
        Slice[] slices = {Slice.of(parameters), Slice.of(gradient), Slice.of(m), Slice.of(v)};
        return AdamCommand.of(workers, slices, ScheduleRow.of(schedule), settings);
    }

    @Override
    public Runnable advance(Clock clock, int step, int row, int slot, int sample) {
        return steps.advance(ClockView.of(clock), step, row, slot, sample);
    }
}
