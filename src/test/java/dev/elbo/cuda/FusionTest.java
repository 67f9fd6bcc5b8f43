package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.backend.Clock;
import dev.elbo.backend.KlMode;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Ops;
import dev.elbo.backend.Schedule;
import dev.elbo.model.Activation;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Which operations of a program become one launch, and which stay their own. Without a device. */
class FusionTest {
    private static final List<String> FORWARD = List.of("bottleneck");
    private static final List<String> BACKWARD = List.of("bottleneck_grad", "bottleneck_grad_bias");

    /** The narrow part of a step, of which a test changes what it likes before it is recorded. */
    private static final class Narrow implements AutoCloseable {
        final LaunchRecorder recorder = new LaunchRecorder();
        final Closer closer = new Closer();
        Tensor h, heads, mu, logVar, z, kl, y;
        Tensor dY, dZ, dHeads, dMu, dLogVar, dH;
        Tensor headWeight, headBias, weight, bias;
        Tensor dHeadWeight, dHeadBias, dWeight, dBias, x, dLast, dLastBias;
        Activation of = Activation.TANH;
        Activation ofHeads = Activation.IDENTITY;
        Activation ofLast = Activation.RELU;
        Runnable between = () -> {};

        Narrow(int batch, int samples, int width, int latent, int units) {
            int rows = batch * samples;
            h = matrix(batch, width);
            dH = matrix(batch, width);
            heads = matrix(batch, 2 * latent);
            dHeads = matrix(batch, 2 * latent);
            mu = heads.cols(0, latent);
            logVar = heads.cols(latent, latent);
            dMu = dHeads.cols(0, latent);
            dLogVar = dHeads.cols(latent, latent);
            z = matrix(rows, latent);
            dZ = matrix(rows, latent);
            kl = matrix(batch, 1);
            y = matrix(rows, units);
            dY = matrix(rows, units);
            headWeight = matrix(2 * latent, width);
            headBias = matrix(1, 2 * latent);
            weight = matrix(units, latent);
            bias = matrix(1, units);
            dHeadWeight = matrix(2 * latent, width);
            dHeadBias = matrix(1, 2 * latent);
            dWeight = matrix(units, latent);
            dBias = matrix(1, units);
            x = matrix(batch, 100);
            dLast = matrix(width, 100);
            dLastBias = matrix(1, width);
        }

        Tensor matrix(int rows, int cols) {
            return closer.register(recorder.allocate(ElementType.REAL, rows, cols));
        }

        List<String> forward() {
            NoiseSource noise = NoiseSource.given(matrix(z.rows(), z.cols()));
            return launched(ops -> {
                ops.dense(h, headWeight, headBias, ofHeads, heads);
                between.run();
                ops.reparameterize(mu, logVar, noise, z, kl, null);
                ops.dense(z, weight, bias, of, y);
            });
        }

        List<String> backward() {
            NoiseSource noise = NoiseSource.given(matrix(z.rows(), z.cols()));
            Clock clock = Clock.allocate(recorder);
            closer.register(clock.counters().buffer());
            Schedule schedule = new Schedule(matrix(1, Schedule.COLUMNS), clock);
            Tensor lastWeight = matrix(h.cols(), 100);
            return launched(ops -> {
                ops.denseGrad(z, weight, y, dY, of, dWeight, dBias, dZ);
                ops.reparameterizeGrad(mu, logVar, noise, dZ, KlMode.ANALYTIC, schedule, null, 1, dMu, dLogVar);
                between.run();
                ops.denseGrad(h, headWeight, heads, dHeads, ofHeads, dHeadWeight, dHeadBias, dH);
                ops.denseGrad(x, lastWeight, h, dH, ofLast, dLast, dLastBias, null);
            });
        }

        private List<String> launched(Consumer<Ops> operations) {
            recorder.nodes.clear();
            recorder.record(() -> operations.accept(recorder.ops())).close();
            return recorder.launches().stream()
                    .map(launch -> launch.toString().split(" ")[0])
                    .filter(entry -> entry.startsWith("bottleneck"))
                    .toList();
        }

        @Override
        public void close() {
            closer.close();
            recorder.close();
        }
    }

    /** Launches of the variance that fits best, and of a loss with this or another one, which may be a parameter too. */
    private static List<String> loss(boolean learned, boolean ownVariance) {
        try (LaunchRecorder recorder = new LaunchRecorder();
                Closer closer = new Closer()) {
            Tensor output = closer.register(recorder.allocate(ElementType.REAL, 6, 5));
            Tensor x = closer.register(recorder.allocate(ElementType.REAL, 3, 5));
            Tensor logVar = closer.register(recorder.allocate(ElementType.REAL, 1, 1));
            Tensor other = closer.register(recorder.allocate(ElementType.REAL, 1, 1));
            Tensor rows = closer.register(recorder.allocate(ElementType.REAL, 6, 1));
            Tensor dOutput = closer.register(recorder.allocate(ElementType.REAL, 6, 5));
            Tensor dLogVar = closer.register(recorder.allocate(ElementType.REAL, 1, 1));
            Tensor used = ownVariance ? logVar : other;
            recorder.record(() -> {
                        recorder.ops().optimalLogVar(output, x, logVar);
                        recorder.ops().gaussianLoss(output, x, used, null, 1, rows, dOutput, learned ? dLogVar : null);
                    })
                    .close();
            return recorder.launches().stream()
                    .map(launch -> launch.toString().split(" ")[0])
                    .toList();
        }
    }

    @Test
    void theLossMakesTheVarianceThatFitsBest() {
        List<String> apart = List.of("optimal_log_var", "optimal_log_var_finish", "gaussian_loss");
        assertEquals(List.of("optimal_log_var", "gaussian_loss_optimal"), loss(false, true));
        assertEquals(apart, loss(false, false));
        assertEquals(apart, loss(true, true).subList(0, 3));
    }

    private static Narrow narrow() {
        return new Narrow(8, 1, 12, 3, 16);
    }

    private interface Change {
        void make(Narrow narrow);
    }

    private static void expect(List<String> forward, List<String> backward, Change change) {
        try (Narrow narrow = narrow()) {
            change.make(narrow);
            assertEquals(forward, narrow.forward());
            assertEquals(backward, narrow.backward());
        }
    }

    private static void expect(List<String> forward, List<String> backward, Narrow narrow) {
        try (narrow) {
            assertEquals(forward, narrow.forward());
            assertEquals(backward, narrow.backward());
        }
    }

    @Test
    void theNarrowPartIsOneLaunchEachWay() {
        expect(FORWARD, BACKWARD, narrow());
        expect(FORWARD, BACKWARD, new Narrow(128, 1, 400, 20, 400));
        expect(FORWARD, BACKWARD, new Narrow(1, 1, 4, 64, 4));
        // the sums over very many rows are of two stages, and each layer's own
        expect(FORWARD, List.of("bottleneck_grad"), new Narrow(257, 1, 12, 3, 16));
    }

    @Test
    void shapesThatAreTooLargeOrNotOfQuadsAreNot() {
        // more than one sample of an example
        expect(List.of(), List.of(), new Narrow(8, 2, 12, 3, 16));
        expect(List.of(), List.of(), new Narrow(8, 1, 12, 65, 16));
        expect(List.of(), List.of(), new Narrow(8, 1, 13, 3, 16));
        expect(List.of(), List.of(), new Narrow(8, 1, 12, 3, 18));
        // 400-20-400 is 24,000 weights a row, 2²³ of them 349 rows
        expect(FORWARD, List.of("bottleneck_grad"), new Narrow(349, 1, 400, 20, 400));
        expect(List.of(), List.of(), new Narrow(350, 1, 400, 20, 400));
    }

    @Test
    void whatTheOperationsDoNotHandOnKeepsThemApart() {
        expect(List.of(), List.of(), narrow -> narrow.ofHeads = Activation.RELU);
        expect(List.of(), List.of(), narrow -> {
            Tensor other = narrow.mu;
            narrow.mu = narrow.logVar;
            narrow.logVar = other;
        });
        expect(FORWARD, List.of(), narrow -> narrow.dMu = narrow.matrix(8, 3));
        expect(FORWARD, List.of(), narrow -> narrow.of = Activation.IDENTITY);
        expect(FORWARD, List.of(), narrow -> narrow.ofLast = Activation.IDENTITY);
        expect(List.of(), BACKWARD, narrow -> narrow.headBias = null);
        expect(List.of(), BACKWARD, narrow -> narrow.bias = null);
        expect(FORWARD, List.of(), narrow -> narrow.dBias = null);
        expect(FORWARD, List.of(), narrow -> narrow.dHeadBias = null);
        expect(FORWARD, List.of(), narrow -> narrow.dLastBias = null);
        // between them an operation that may touch anything
        expect(
                List.of(),
                List.of(),
                narrow -> narrow.between =
                        () -> narrow.recorder.ops().activate(narrow.kl, Activation.RELU, narrow.matrix(8, 1)));
    }

    /** What one operation reads before another one overwrites it would be read too late. */
    @Test
    void memoryUsedTwiceKeepsThemApart() {
        expect(List.of(), BACKWARD, narrow -> {
            Tensor wide = narrow.matrix(8, 28);
            narrow.h = wide.cols(0, 12);
            narrow.y = wide.cols(12, 16);
        });
        expect(FORWARD, List.of(), narrow -> {
            Tensor wide = narrow.matrix(8, 28);
            narrow.dY = wide.cols(0, 16);
            narrow.dH = wide.cols(16, 12);
        });
        expect(FORWARD, List.of(), narrow -> {
            Tensor wide = narrow.matrix(8, 28);
            narrow.h = wide.cols(0, 12);
            narrow.dBias = wide.rows(0, 1).cols(12, 16);
        });
    }
}
