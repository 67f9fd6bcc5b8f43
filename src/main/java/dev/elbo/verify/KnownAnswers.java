package dev.elbo.verify;

import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.NoiseSource;
import dev.elbo.model.Activation;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.noise.Philox;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Checks of answers that a backend must give exactly: noise, and products in full precision. */
final class KnownAnswers {
    /** Counters, keys and words from Random123's known answers. */
    private static final int[][][] PHILOX = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{-1, -1, -1, -1}, {-1, -1}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {
            {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
            {0xa4093822, 0x299f31d0},
            {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}
        }
    };
    /** The normals of the zero counter and key, in float64. */
    private static final double[] ZERO_NORMALS = {
        0.9911374751458971, -0.9246627803544332, -0.6176090549848544, -0.4820683472644963
    };
    /** The error of the float32 normals against the exact transform. */
    private static final double NORMAL_TOLERANCE = 3e-6;

    private KnownAnswers() {}

    static List<Check> of(Backend backend) {
        List<Check> checks = new ArrayList<>();
        checks.add(new Check("normal", "Philox4x32-10 known answers", KnownAnswers::philox));
        checks.add(new Check("normal", "of the zero counter and key", KnownAnswers::zeroNormals));
        for (NoiseStream stream : NoiseStream.values()) {
            String label = "the host's bits, stream " + stream;
            checks.add(new Check("normal", label, (s, outcome) -> normals(stream, s, outcome)));
        }
        checks.add(new Check("gather", "the host's uniforms", KnownAnswers::uniforms));
        if (backend.productRoundoff() <= Parity.FLOAT_ROUNDOFF) {
            checks.add(new Check("dense", "TF32 trip-wire: operands of 12 bits", KnownAnswers::tripWire));
        }
        return checks;
    }

    private static void philox(Scratch unused, Outcome outcome) {
        int[] words = new int[4];
        for (int[][] known : PHILOX) {
            int[] counter = known[0];
            Philox.block(counter[0], counter[1], counter[2], counter[3], known[1][0], known[1][1], words, 0);
            for (int i = 0; i < 4; i++) {
                outcome.close("word " + i, known[2][i], words[i], 0);
            }
        }
    }

    private static void zeroNormals(Scratch s, Outcome outcome) {
        Tensor out = s.zeros(1, 4);
        NoiseSource noise = NoiseSource.perStep(0, NoiseStream.LATENT, s.clock(0, 0, 0, 0));
        s.ops().normal(noise, out);
        double[] values = out.toDoubles();
        for (int i = 0; i < 4; i++) {
            outcome.close("normal " + i, ZERO_NORMALS[i], values[i], NORMAL_TOLERANCE);
        }
    }

    private static void normals(NoiseStream stream, Scratch s, Outcome outcome) {
        int rows = 61;
        int cols = 67;
        long[] seeds = {0, 1, 1L << 32, -1, 0x0123_4567_89AB_CDEFL};
        int[][] counters = {{0, 0, 0, 0}, {1, 0, 0, 0}, {0, 977, 0, 3}, {-5, 50_000_000, 0, 4999}};
        Tensor out = s.zeros(rows, cols);
        double[] expected = new double[rows * cols];
        for (long seed : seeds) {
            for (int[] c : counters) {
                Clock clock = s.clock(c[0], c[1], c[2], c[3]);
                s.ops().normal(NoiseSource.perExample(seed, stream, clock), out);
                Noise.normals(seed, c[0], stream, c[3], (long) c[1] * cols, expected.length, expected, 0);
                double[] values = out.toDoubles();
                int p = Arrays.mismatch(values, expected);
                if (p >= 0) {
                    String place = "seed " + seed + ", clock " + Arrays.toString(c) + ", element " + p;
                    outcome.close(place, expected[p], values[p], 0);
                }
            }
        }
    }

    /** A pixel is 1 where the uniform is below its value. */
    private static void uniforms(Scratch s, Outcome outcome) {
        int rows = 61;
        int cols = 67;
        long seed = CaseNoise.SEED;
        double[] data = new Draw(1).uniform(rows * cols, 0, 1);
        Tensor x = s.zeros(rows, cols);
        NoiseSource noise = NoiseSource.perStep(seed, NoiseStream.BINARIZE, s.clock(9, 0, 0, 0));
        s.ops().gather(s.real(rows, cols, data), null, noise.clock(), 1, noise, x);
        float[] uniforms = new float[data.length];
        Noise.uniforms(seed, 9, NoiseStream.BINARIZE, 0, 0, uniforms.length, uniforms, 0);
        double[] values = x.toDoubles();
        for (int i = 0; i < data.length; i++) {
            outcome.close("pixel " + i, uniforms[i] < data[i] ? 1 : 0, values[i], 0);
        }
    }

    /**
     * 2049 = 2¹¹ + 1 has one bit more than TF32 keeps; a whole sum below 2²⁴ is exact in float32. The size is no
     * special case of a backend: a thin product may be float32 while others are not.
     */
    private static void tripWire(Scratch s, Outcome outcome) {
        int n = 128;
        Grid x = Grid.of(n, n, (i, k) -> k == i ? 2049 : (i + k) % 7 + 1);
        Grid weight = Grid.of(n, n, (o, k) -> k == o ? 2049 : (o + 3 * k) % 5 + 1);
        Tensor y = s.zeros(n, n);
        s.ops().dense(s.real(n, n, x.values()), s.real(n, n, weight.values()), s.zeros(1, n), Activation.IDENTITY, y);
        double[] values = y.toDoubles();
        for (int i = 0; i < n; i++) {
            for (int o = 0; o < n; o++) {
                double sum = 0;
                for (int k = 0; k < n; k++) {
                    sum += x.at(i, k) * weight.at(o, k);
                }
                outcome.close("y[" + i + ", " + o + "]", sum, values[i * n + o], 0);
            }
        }
    }
}
