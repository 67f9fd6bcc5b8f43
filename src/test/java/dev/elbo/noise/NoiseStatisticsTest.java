package dev.elbo.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.noise.FaultyNoise.Address;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shipped noise passes every statistic, and every seeded fault is seen by the one that is there for it. */
class NoiseStatisticsTest {
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 0x0123456789abcdefL})
    void theNoiseIsSound(long seed) {
        assertEquals(List.of(), NoiseStatistics.violated(new Shipped(), seed));
    }

    @TestFactory
    Stream<DynamicTest> aFaultOfTheTransformIsSeen() {
        return Stream.of(
                seen("the same r for both pairs", "autocorrelation of z² at lag 2", FaultyNoise.transform((w, z) -> {
                    Normals.pair(w[0], w[1], z, 0);
                    Normals.pair(w[0], w[3], z, 2);
                })),
                seen("the same angle for both pairs", "autocorrelation of z at lag 2", FaultyNoise.transform((w, z) -> {
                    Normals.pair(w[0], w[1], z, 0);
                    Normals.pair(w[2], w[1], z, 2);
                })),
                seen("cosine twice", "autocorrelation of z at lag 1", FaultyNoise.transform((w, z) -> {
                    for (int i = 0; i < 4; i++) {
                        z[i] = Normals.one(w[i & 2], w[i | 1], 0);
                    }
                })),
                seen("half a turn only", "moment 1", FaultyNoise.transform((w, z) -> {
                    Normals.pair(w[0], w[1] >>> 1, z, 0);
                    Normals.pair(w[2], w[3] >>> 1, z, 2);
                })),
                seen("a uniform of variance 1", "Kolmogorov-Smirnov", FaultyNoise.transform((w, z) -> {
                    for (int i = 0; i < 4; i++) {
                        z[i] = (float) Math.sqrt(12) * (Uniforms.of(w[i]) - 0.5f);
                    }
                })),
                seen("variance times 1.01", "moment 2", FaultyNoise.value(z -> z * (float) Math.sqrt(1.01))),
                seen("the factor 2 of r missing", "moment 2", FaultyNoise.value(z -> z * (float) Math.sqrt(0.5))),
                seen("tails cut at 3", "moment 4", FaultyNoise.value(z -> Math.max(-3, Math.min(3, z)))),
                seen("a mean of 0.01", "Anderson-Darling", FaultyNoise.value(z -> z + 0.01f)),
                seen("NaN", "moment 1", FaultyNoise.value(z -> z > 4 ? Float.NaN : z)));
    }

    @TestFactory
    Stream<DynamicTest> aFaultOfTheAddressIsSeen() {
        return Stream.of(
                seen("a counter that does not advance", "repeated blocks", FaultyNoise.counter(i -> 0)),
                seen("a counter that advances every second time", "repeated blocks", FaultyNoise.counter(i -> i / 2)),
                seen("a counter of 16 bits", "repeated blocks", FaultyNoise.counter(i -> i & 0xFFFF)),
                seen("a stuck bit", "bit 11", FaultyNoise.word(w -> w | 1 << 11)),
                seen(
                        "an ignored stream",
                        "correlation of z with another stream",
                        FaultyNoise.address(a -> new Address(a.seed(), a.step(), 0, a.k()))),
                seen(
                        "a stream cut to one of its bits",
                        "correlation of z with the outputs' stream, of samples,",
                        FaultyNoise.address(a -> new Address(a.seed(), a.step(), a.stream() & 4, a.k()))),
                seen(
                        "an ignored step",
                        "correlation of z with the next step",
                        FaultyNoise.address(a -> new Address(a.seed(), 0, a.stream(), a.k()))),
                seen(
                        "an ignored k",
                        "correlation of z with the next k",
                        FaultyNoise.address(a -> new Address(a.seed(), a.step(), a.stream(), 0))),
                seen(
                        "an ignored seed",
                        "correlation of z with the next seed",
                        FaultyNoise.address(a -> new Address(0, a.step(), a.stream(), a.k()))),
                seen(
                        "an ignored high word of the seed",
                        "correlation of z with a seed of another high word",
                        FaultyNoise.address(a -> new Address((int) a.seed(), a.step(), a.stream(), a.k()))));
    }

    /** Else the faults above would be seen for another reason than the fault. */
    @Test
    void theFaultyNoiseWithoutFaultIsTheShippedOne() {
        float[] expected = new float[4096];
        float[] z = new float[4096];
        new Shipped().normals(-5, 6, NoiseStream.SAMPLE, 7, expected);
        FaultyNoise.none().normals(-5, 6, NoiseStream.SAMPLE, 7, z);
        assertArrayEquals(expected, z);
        int[] expectedWords = new int[4096];
        int[] words = new int[4096];
        new Shipped().words(-5, 6, NoiseStream.SAMPLE, 7, expectedWords);
        FaultyNoise.none().words(-5, 6, NoiseStream.SAMPLE, 7, words);
        assertArrayEquals(expectedWords, words);
    }

    /** Values of mpmath. */
    @Test
    void erfcIsAccurate() {
        double[][] known = {
            {0, 1},
            {0.1, 0.8875370839817151},
            {0.5, 0.47950012218695346},
            {1, 0.15729920705028513},
            {2, 0.0046777349810472658},
            {2.19, 0.001954056757198543},
            {2.21, 0.0017755620240656315},
            {3, 2.2090496998585441e-5},
            {4, 1.5417257900280019e-8},
            {6, 2.1519736712498913e-17}
        };
        for (double[] pair : known) {
            assertEquals(1, Erfc.of(pair[0]) / pair[1], 1e-13, "erfc " + pair[0]);
        }
    }

    private static DynamicTest seen(String fault, String statistic, FaultyNoise noise) {
        return DynamicTest.dynamicTest(fault, () -> {
            List<String> violated = NoiseStatistics.violated(noise, 2);
            assertTrue(
                    violated.stream().anyMatch(line -> line.startsWith(statistic + ":")),
                    () -> "expected a violation of \"" + statistic + "\", got " + violated);
        });
    }

    private static final class Shipped implements NoiseStatistics.Generator {
        @Override
        public void words(long seed, int step, NoiseStream stream, int k, int[] out) {
            Noise.words(seed, step, stream, k, 0, out.length, out, 0);
        }

        @Override
        public void normals(long seed, int step, NoiseStream stream, int k, float[] out) {
            Noise.normals(seed, step, stream, k, 0, out.length, out, 0);
        }
    }
}
