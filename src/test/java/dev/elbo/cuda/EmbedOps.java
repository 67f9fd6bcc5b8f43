package dev.elbo.cuda;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.AllOperations;
import dev.elbo.backend.Clock;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.KlWeighting;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.RawOps;
import dev.elbo.backend.Schedule;
import dev.elbo.cuda.embed.Adam;
import dev.elbo.cuda.embed.DeviceNoise;
import dev.elbo.cuda.embed.DeviceSchedule;
import dev.elbo.cuda.embed.ElboKernels;
import dev.elbo.cuda.embed.ImportanceWeights;
import dev.elbo.cuda.embed.ReconstructionLoss;
import dev.elbo.cuda.embed.ReconstructionLoss.Likelihood;
import dev.elbo.cuda.embed.Reparameterize;
import dev.elbo.tensor.Tensor;
import java.util.Set;
import jcuda.driver.CUdeviceptr;

/** Operations by single kernels. */
final class EmbedOps implements RawOps.Latent, RawOps.Loss, RawOps.Step {
    /** Those that {@code cuda.embed} has. */
    static final Set<String> HAS = Set.of(
            "reparameterize",
            "reparameterizeGrad",
            "gaussianLoss",
            "bernoulliLoss",
            "importanceWeights",
            "adam",
            "advance");

    /** Rows are numbered from 0 or from the clock's. */
    static final String NO_SHARDS = "cuda.embed has no shards";

    private final EmbedBackend program;
    private final ElboKernels kernels;

    private EmbedOps(EmbedBackend program) {
        this.program = program;
        this.kernels = program.kernels();
    }

    private CUdeviceptr at(Tensor tensor) {
        return program.pointer(tensor);
    }

    private static long stride(Tensor tensor) {
        return tensor == null ? 0 : tensor.stride();
    }

    private DeviceNoise noise(NoiseSource source) {
        if (source.firstRow() > 0) {
            throw new UnsupportedOperationException(NO_SHARDS);
        }
        return source.given() != null
                ? DeviceNoise.given(at(source.given()), source.given().stride())
                : DeviceNoise.generated(
                        source.seed(), source.stream(), at(source.clock().counters()), source.rowsOfData());
    }

    private DeviceSchedule schedule(Schedule schedule) {
        return new DeviceSchedule(
                at(schedule.table()),
                schedule.table().rows(),
                at(schedule.clock().counters()));
    }

    private Reparameterize reparameterize(Tensor mu, Tensor sampled) {
        return kernels.reparameterize(mu.rows(), mu.cols(), sampled.rows() / mu.rows());
    }

    @Override
    public Runnable reparameterize(Tensor mu, Tensor logVar, NoiseSource noise, Tensor z, Tensor kl, Tensor sampledKl) {
        return () -> reparameterize(mu, z)
                .forward(
                        program.stream(),
                        at(mu),
                        mu.stride(),
                        at(logVar),
                        logVar.stride(),
                        noise(noise),
                        at(z),
                        z.stride(),
                        at(kl),
                        at(sampledKl));
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
        return () -> reparameterize(mu, dZ)
                .backward(
                        program.stream(),
                        at(mu),
                        mu.stride(),
                        at(logVar),
                        logVar.stride(),
                        noise(noise),
                        at(dZ),
                        dZ.stride(),
                        mode,
                        schedule(schedule),
                        at(rowWeight),
                        scale,
                        at(dMu),
                        dMu.stride(),
                        at(dLogVar),
                        dLogVar.stride());
    }

    private Runnable loss(
            Likelihood likelihood,
            Tensor output,
            Tensor x,
            Tensor logVar,
            Tensor rowWeight,
            double scale,
            Tensor loss,
            Tensor dOutput,
            Tensor dLogVar) {
        // made here, since it allocates: the command may be captured
        ReconstructionLoss kernel =
                kernels.reconstructionLoss(likelihood, x.rows(), x.cols(), output.rows() / x.rows());
        if (dOutput == null && dLogVar == null) {
            return () ->
                    kernel.loss(program.stream(), at(output), output.stride(), at(x), x.stride(), at(logVar), at(loss));
        }
        return () -> kernel.lossAndGradient(
                program.stream(),
                at(output),
                output.stride(),
                at(x),
                x.stride(),
                at(logVar),
                at(rowWeight),
                scale,
                at(loss),
                at(dOutput),
                stride(dOutput),
                at(dLogVar));
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
        Likelihood likelihood = logVar == null
                ? Likelihood.GAUSSIAN
                : logVar.cols() == 1 ? Likelihood.GAUSSIAN_SHARED_VARIANCE : Likelihood.GAUSSIAN_VARIANCE_PER_DIMENSION;
        return loss(likelihood, output, x, logVar, rowWeight, scale, loss, dOutput, dLogVar);
    }

    @Override
    public Runnable bernoulliLoss(
            Tensor logits, Tensor x, Tensor rowWeight, double scale, Tensor loss, Tensor dLogits) {
        return loss(Likelihood.BERNOULLI, logits, x, null, rowWeight, scale, loss, dLogits, null);
    }

    @Override
    public Runnable importanceWeights(
            Tensor reconstruction, Tensor sampledKl, Tensor logWeights, Tensor weights, Tensor bound) {
        ImportanceWeights kernel = kernels.importanceWeights(bound.rows(), reconstruction.rows() / bound.rows());
        return () ->
                kernel.run(program.stream(), at(reconstruction), at(sampledKl), at(logWeights), at(weights), at(bound));
    }

    @Override
    public Runnable adam(
            Tensor parameters, Tensor gradient, Tensor m, Tensor v, Schedule schedule, AdamSettings settings) {
        Adam kernel = kernels.adam(parameters.size(), settings);
        return () -> kernel.step(program.stream(), at(parameters), at(gradient), at(m), at(v), schedule(schedule));
    }

    @Override
    public Runnable advance(Clock clock, int step, int row, int slot, int sample) {
        return () -> kernels.advance(program.stream(), at(clock.counters()), step, row, slot, sample);
    }

    static RawOps of(EmbedBackend program) {
        EmbedOps ops = new EmbedOps(program);
        RawOps others = AllOperations.proxy((operation, args) -> none(operation.getName()));
        return new RawOps(others.dense(), others.convolution(), others.classes(), others.columns(), ops, ops, ops);
    }

    private static Runnable none(String op) {
        throw new UnsupportedOperationException(op + " is no single kernel");
    }

    @Override
    public Runnable gather(Tensor data, Tensor order, Clock clock, float scale, NoiseSource binarize, Tensor x) {
        return none("gather");
    }

    @Override
    public Runnable normal(NoiseSource noise, Tensor out) {
        return none("normal");
    }

    @Override
    public Runnable gaussianKl(Tensor mu, Tensor logVar, Tensor klPerUnit) {
        return none("gaussianKl");
    }

    @Override
    public Runnable optimalLogVar(Tensor output, Tensor x, Tensor logVar) {
        return none("optimalLogVar");
    }

    @Override
    public Runnable squaredErrorMean(Tensor output, Tensor x, long elements, Tensor mean) {
        return none("squaredErrorMean");
    }

    @Override
    public Runnable logVarOfMean(Tensor mean, Tensor logVar) {
        return none("logVarOfMean");
    }

    @Override
    public Runnable gaussianKlMean(Tensor mu, Tensor logVar, int rows, Tensor mean) {
        return none("gaussianKlMean");
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
        return none("freeBits");
    }

    @Override
    public Runnable rowMean(Tensor value, int rows, Tensor mean) {
        return none("rowMean");
    }

    @Override
    public Runnable sumShards(Tensor parts, Tensor total) {
        return none("sumShards");
    }

    @Override
    public Runnable klWeight(
            Tensor mean, KlWeighting weighting, Tensor targets, double rate, Tensor state, Schedule schedule) {
        return none("klWeight");
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
        return none("stepMetrics");
    }
}
