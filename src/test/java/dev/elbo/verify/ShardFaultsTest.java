package dev.elbo.verify;

import static dev.elbo.verify.SeededFaultsTest.fault;
import static dev.elbo.verify.SeededFaultsTest.map;
import static dev.elbo.verify.SeededFaultsTest.t;

import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Schedule;
import dev.elbo.reference.ReferenceVariant.Fault;
import dev.elbo.tensor.Tensor;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Faults of shards, and of what their means decide, that the harness must catch. */
class ShardFaultsTest {
    static Stream<Arguments> faults() {
        return Stream.of(
                fault("a shard's rows from 0", "normal", Failure.BOUND, noiseFromTheFirstRow()),
                fault(
                        "mean over the shard",
                        "gaussianKlMean",
                        Failure.BOUND,
                        (healthy, args, ops) -> ops.latent()
                                .gaussianKlMean(
                                        t(args, 0), t(args, 1), t(args, 0).rows(), t(args, 3))),
                fault(
                        "mean over the shard",
                        "squaredErrorMean",
                        Failure.BOUND,
                        (healthy, args, ops) -> ops.loss()
                                .squaredErrorMean(
                                        t(args, 0), t(args, 1), t(args, 0).size(), t(args, 3))),
                fault(
                        "log of the variance without its floor",
                        "logVarOfMean",
                        Failure.BOUND,
                        map(1, lv -> lv < -13 ? -16 : lv)),
                fault("a float32 mean", "rowMean", Failure.BOUND, map(2, value -> (float) value)),
                fault("last odd shard dropped", "sumShards", Failure.BOUND, lastOddShardDropped()),
                fault("a unit at the floor above it", "freeBits", Failure.BOUND, floorOfTheUnitAtIt()),
                fault("a float32 average", "klWeight", Failure.BOUND, map(4, value -> (float) value)));
    }

    @ParameterizedTest(name = "{0} in {1}")
    @MethodSource("faults")
    void isCaught(String name, String op, Failure expected, Fault fault) {
        SeededFaultsTest.requireCaught(name, op, expected, fault);
    }

    private static Fault noiseFromTheFirstRow() {
        return (healthy, args, ops) -> {
            NoiseSource noise = (NoiseSource) args[0];
            return ops.latent().normal(noise.firstRow() > 0 ? noise.fromRow(0) : noise, t(args, 1));
        };
    }

    private static Fault lastOddShardDropped() {
        return (healthy, args, ops) -> {
            Tensor parts = t(args, 0);
            int shards = parts.rows();
            return shards % 2 == 0 || shards == 1
                    ? healthy
                    : ops.step().sumShards(parts.rows(0, shards - 1), t(args, 1));
        };
    }

    /** A floor that is lower by the last bit. */
    private static Fault floorOfTheUnitAtIt() {
        return (healthy, args, ops) -> ops.latent()
                .freeBits(
                        t(args, 0),
                        t(args, 1),
                        t(args, 2),
                        Math.nextDown((double) args[3]),
                        (Schedule) args[4],
                        (double) args[5],
                        t(args, 6),
                        t(args, 7),
                        t(args, 8));
    }
}
