package dev.elbo.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.Backend;
import dev.elbo.backend.NoiseSource;
import dev.elbo.reference.ReferenceBackend;
import dev.elbo.reference.ReferenceVariant;
import dev.elbo.reference.ReferenceVariant.Fault;
import dev.elbo.tensor.Tensor;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Known answers, gradients and models, and that each of them can fail. */
class OraclesTest {
    private static List<Row> run(Backend backend) {
        try (backend) {
            return Verification.runOracle(backend, op -> true, Verification.Listener.NONE);
        }
    }

    @Test
    void theReferenceHolds() {
        List<Row> rows = run(new ReferenceBackend());
        assertEquals(
                "", rows.stream().filter(row -> !row.ok()).map(Row::toString).collect(Collectors.joining("\n")));
        assertTrue(rows.size() >= 40, rows.size() + " rows");
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                Arguments.of("denseGrad", "differences, tanh", scaled(6)),
                Arguments.of("denseGrad", "differences, relu", scaled(3)),
                Arguments.of("unfold", "differences, channels first", scaled(2)),
                Arguments.of("fold", "differences, softplus", scaled(4)),
                Arguments.of("fold", "differences", scaled(4)),
                Arguments.of("activateGrad", "differences, elu", scaled(1)),
                Arguments.of("activateGrad", "differences, identity", scaled(3)),
                Arguments.of("reparameterizeGrad", "differences, sampled, 3 samples", scaled(8)),
                Arguments.of("reparameterizeGrad", "differences, analytic, 1 samples, row weights", scaled(9)),
                Arguments.of("gaussianLoss", "differences, 1 variances", scaled(7)),
                Arguments.of("gaussianLoss", "differences, 0 variances, row weights", scaled(6)),
                Arguments.of("bernoulliLoss", "differences", scaled(5)),
                Arguments.of("columnLoss", "differences", scaled(8)),
                Arguments.of("columnLoss", "differences, row weights", scaled(9)),
                Arguments.of("columnLoss", "differences", scaled(10)),
                Arguments.of("columnLoss", "known answers, poisson", scaled(7)),
                Arguments.of("columnLoss", "known answers, negative-binomial", scaled(10)),
                Arguments.of("importanceWeights", "weights are the bound's gradient", scaled(3)),
                Arguments.of("gaussianKl", "differences", scaled(2)),
                Arguments.of("gaussianKl", "linear Gaussian model: KL and ELBO", scaled(2)),
                Arguments.of("reparameterize", "linear Gaussian model: every log w is log p(x)", scaled(5)),
                Arguments.of("importanceWeights", "nested draws never lose", scaled(4)),
                Arguments.of("optimalLogVar", "no gradient is left at the optimum", scaled(2)),
                Arguments.of("adam", "constant gradients move by the learning rate", scaled(0)),
                Arguments.of("normal", "of the zero counter and key", scaled(1)),
                Arguments.of("normal", "the host's bits, stream SHUFFLE", scaled(1)),
                Arguments.of("gather", "the host's uniforms", scaled(5)),
                Arguments.of("normal", "shards have the noise of the batch", noiseFromTheFirstRow()),
                Arguments.of("rowMean", "the shares of shards add up to the mean", meanOfTheShard()),
                Arguments.of("sumShards", "the shares of shards add up to the mean", scaled(1)),
                Arguments.of("dense", "TF32 trip-wire: operands of 12 bits", scaled(4)));
    }

    private static Fault noiseFromTheFirstRow() {
        return (healthy, args, ops) -> ops.latent().normal(((NoiseSource) args[0]).fromRow(0), (Tensor) args[1]);
    }

    private static Fault meanOfTheShard() {
        return (healthy, args, ops) -> {
            Tensor value = (Tensor) args[0];
            return ops.step().rowMean(value, value.rows(), (Tensor) args[2]);
        };
    }

    /** One argument comes out a hundred-thousandth too large. */
    private static Fault scaled(int index) {
        return (healthy, args, ops) -> () -> {
            healthy.run();
            Tensor tensor = (Tensor) args[index];
            if (tensor != null) {
                double[] values = tensor.toDoubles();
                for (int i = 0; i < values.length; i++) {
                    values[i] *= 1 + 1e-5;
                }
                tensor.write(values);
            }
        };
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("faults")
    void aWrongFactorIsSeen(String op, String label, Fault fault) {
        List<Row> failed = run(ReferenceVariant.exact(op, fault)).stream()
                .filter(row -> !row.ok())
                .toList();
        assertTrue(failed.stream().anyMatch(row -> row.label().equals(label)), () -> "failed only: " + failed);
    }

    @Test
    void anExceptionIsARowThatFails() {
        Fault broken = (healthy, args, ops) -> () -> {
            throw new IllegalStateException("no");
        };
        List<Row> rows = run(ReferenceVariant.exact("adam", broken));
        Row adam =
                rows.stream().filter(row -> row.op().equals("adam")).findFirst().orElseThrow();
        assertEquals("EXCEPTION: java.lang.IllegalStateException: no", adam.detail());
        assertEquals(1, rows.stream().filter(row -> !row.ok()).count());
    }
}
