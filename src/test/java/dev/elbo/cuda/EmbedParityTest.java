package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Ops;
import dev.elbo.backend.Schedule;
import dev.elbo.cuda.embed.ElboKernels.Validation;
import dev.elbo.noise.NoiseStream;
import dev.elbo.reference.ReferenceBackend;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import dev.elbo.verify.Row;
import dev.elbo.verify.Verification;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Single kernels on a program's own context, stream, memory and graphs, over the table of operations. That they neither race
 * nor read what nobody wrote, {@link CudaParityTest} shows.
 */
@OnDevice(checked = false)
class EmbedParityTest {
    @Test
    void agreesWithTheReferenceAtOnceAndCaptured() {
        List<Row> rows;
        try (EmbedBackend program = new EmbedBackend(Validation.DRIVER);
                Backend oracle = new ReferenceBackend()) {
            rows = Verification.run(program, oracle, EmbedOps.HAS::contains, Verification.Listener.NONE);
            assertEquals(List.of(), List.copyOf(program.openBuffers()));
        }
        Predicate<Row> ofShards = row -> row.detail().contains(EmbedOps.NO_SHARDS);
        assertEquals(
                List.of(),
                rows.stream().filter(ofShards.negate()).filter(row -> !row.ok()).toList());
        assertTrue(rows.stream().filter(ofShards).count() < 20, "more than the cases of shards");
        assertEquals(
                new TreeSet<>(EmbedOps.HAS), rows.stream().map(Row::op).collect(Collectors.toCollection(TreeSet::new)));
        assertTrue(rows.size() > 100, rows.size() + " rows");
    }

    @Test
    void givesTheBitsOfTheBackend() {
        List<float[]> expected;
        try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT)) {
            expected = work(backend);
        }
        List<float[]> actual;
        try (EmbedBackend program = new EmbedBackend(Validation.ARGUMENTS)) {
            actual = work(program);
        }
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), 0f, "result " + i);
        }
    }

    /** A step of everything, at shapes that fill neither warps nor quads, and sums of two chunks. */
    private static List<float[]> work(Backend backend) {
        int batch = 173;
        int latent = 7;
        int features = 37;
        int samples = 3;
        int rows = samples * batch;
        Random random = new Random(11);
        List<Tensor> tensors = new ArrayList<>();
        Tensor mu = filled(backend, batch, latent, random, tensors);
        Tensor logVar = filled(backend, batch, latent, random, tensors);
        Tensor z = filled(backend, rows, latent, random, tensors);
        Tensor kl = filled(backend, batch, 1, random, tensors);
        Tensor sampledKl = filled(backend, rows, 1, random, tensors);
        Tensor output = filled(backend, rows, features, random, tensors);
        Tensor x = filled(backend, batch, features, random, tensors);
        Tensor variances = filled(backend, 1, features, random, tensors);
        Tensor loss = filled(backend, rows, 1, random, tensors);
        Tensor dOutput = filled(backend, rows, features, random, tensors);
        Tensor dVariances = filled(backend, 1, features, random, tensors);
        Tensor weights = filled(backend, rows, 1, random, tensors);
        Tensor bound = filled(backend, batch, 1, random, tensors);
        Tensor dMu = filled(backend, batch, latent, random, tensors);
        Tensor dLogVar = filled(backend, batch, latent, random, tensors);
        Tensor m = filled(backend, 1, features, random, tensors);
        Tensor v = backend.allocate(ElementType.REAL, 1, features);
        tensors.add(v);
        Tensor table = backend.allocate(ElementType.REAL, 2, Schedule.COLUMNS);
        table.write(new double[] {0, 0, 0, 0.01, 2, 0.7});
        Clock clock = Clock.allocate(backend);
        clock.set(5, 0, 0, 0);
        Schedule schedule = new Schedule(table, clock);
        NoiseSource noise = NoiseSource.perStep(99, NoiseStream.LATENT, clock);
        Ops ops = backend.ops();
        ops.advance(clock, 1, 0, 1, 0);
        ops.reparameterize(mu, logVar, noise, z, kl, sampledKl);
        ops.gaussianLoss(output, x, variances, null, 0.5, loss, dOutput, dVariances);
        ops.importanceWeights(loss, sampledKl, null, weights, bound);
        ops.reparameterizeGrad(mu, logVar, noise, z, KlMode.SAMPLED, schedule, weights, 0.5, dMu, dLogVar);
        ops.adam(variances, dVariances, m, v, schedule, AdamSettings.DEFAULT);
        ops.bernoulliLoss(output, x, weights, 2, loss, dOutput);
        List<float[]> results = tensors.stream().map(Tensor::toFloats).toList();
        table.buffer().close();
        clock.counters().buffer().close();
        tensors.forEach(tensor -> tensor.buffer().close());
        return results;
    }

    private static Tensor filled(Backend backend, int rows, int cols, Random random, List<Tensor> tensors) {
        Tensor tensor = backend.allocate(ElementType.REAL, rows, cols);
        float[] values = new float[rows * cols];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        tensor.write(values);
        tensors.add(tensor);
        return tensor;
    }
}
