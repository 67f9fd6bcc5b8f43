package dev.elbo.verify;

import dev.elbo.backend.Clock;
import dev.elbo.backend.NoiseSource;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.ElementType;
import dev.elbo.verify.Argument.Place;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The cases of {@code gather}, {@code normal} and {@code advance}: selections, words and counters, all of them exact.
 */
final class GatherCases {
    private static final Bound SELECTED = Bound.exact("one product, rounded once");
    private static final Bound COMPARED = Bound.exact("a comparison of exact uniforms");
    private static final Bound NORMALS = Bound.exact("IEEE operations only");
    private static final Bound COUNTED = Bound.exact("whole numbers");

    private GatherCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        int[][] shapes = {{1, 1}, {2, 3}, {31, 5}, {33, 32}, {128, 7}, {129, 33}, {3, 784}, {257, 523}};
        for (int[] shape : shapes) {
            for (boolean bytes : new boolean[] {true, false}) {
                boolean ordered = bytes == ((shape[0] & 1) == 1);
                cases.add(gather(shape[0], shape[1], bytes, ordered, bytes ? 1 / 255f : 1f, null, 0));
            }
        }
        for (boolean ordered : new boolean[] {true, false}) {
            for (float scale : new float[] {1 / 255f, 1 / 16f}) {
                cases.add(gather(33, 31, true, ordered, scale, null, 0));
            }
        }
        cases.add(gather(17, 13, false, true, 1 / 16f, null, 0));
        cases.add(gather(17, 13, true, true, 1 / 255f, null, 6));
        for (CaseNoise noise : CaseNoise.values()) {
            cases.add(gather(33, 31, true, true, 1 / 255f, noise, 0));
            cases.add(gather(17, 64, true, false, 1 / 16f, noise, 3));
            cases.add(gather(5, 127, false, true, 1f, noise, 0));
            cases.add(gather(7, 20, false, false, 1f, noise, 0));
        }
        cases.add(gatherSpecial());

        for (CaseNoise noise : CaseNoise.values()) {
            for (int[] shape : new int[][] {{1, 1}, {1, 2}, {3, 5}, {33, 31}, {128, 4}, {127, 129}, {1021, 70}}) {
                cases.add(normal(shape[0], shape[1], noise, 0));
            }
            cases.add(normal(33, 10, noise, 7));
        }
        cases.add(farNormal());
        cases.add(farShard());

        cases.add(advance("training step", 1, 128, 1, 0, new double[] {41, 1024, 40, 0}));
        cases.add(advance("back to the start", 0, -1024, -40, -3, new double[] {41, 1024, 40, 3}));
        cases.add(advance("wraps as 32 bits", 2, 0, 0, 0, new double[] {Integer.MAX_VALUE, 5, 6, 7}));
        return cases;
    }

    private static OpCase gather(
            int batch, int cols, boolean bytes, boolean ordered, float scale, CaseNoise binarize, int gap) {
        String data = (bytes ? "UINT8" : "REAL") + (ordered ? ", ordered" : ", as they are");
        String fraction = scale == 1 ? "1" : scale == 1 / 16f ? "1/16" : "1/255";
        String drawn = binarize == null ? "" : ", binarized with " + binarize;
        OpCase.Builder c = OpCase.of(
                "gather", batch + " × " + cols + " of " + data + ", scale " + fraction + drawn + Place.label(gap));
        int rows = CaseNoise.ROW + batch + 2;
        if (bytes) {
            int largest = scale == 1 / 16f ? 16 : 255;
            c.input("data", ElementType.UINT8, rows, cols, c.draw().integers(rows * cols, 0, largest));
        } else {
            c.uniforms("data", rows, cols, 0, 1);
        }
        if (ordered) {
            c.input("order", ElementType.INT32, 1, rows, c.draw().order(rows));
        }
        if (binarize == CaseNoise.GIVEN) {
            // sixteenths meet the values exactly: below, not at
            double[] uniforms = c.draw().integers(batch * cols, 1, 15);
            Arrays.setAll(uniforms, i -> uniforms[i] / 16);
            c.input("noise", batch, cols, uniforms);
        }
        CaseNoise.clock(c);
        c.output("x", batch, cols, binarize == null ? SELECTED : COMPARED).gap(gap);
        return c.call((ops, a) -> {
            NoiseSource source = binarize == null ? null : binarize.source(NoiseStream.BINARIZE, a);
            ops.gather(a.get("data"), a.optional("order"), a.clock(), scale, source, a.get("x"));
        });
    }

    private static OpCase gatherSpecial() {
        OpCase.Builder c = OpCase.of("gather", "NaN, infinities and signs of REAL");
        double inf = Double.POSITIVE_INFINITY;
        int row = (CaseNoise.ROW + 1) * 3;
        c.normals("data", 15, 3).set(Double.NaN, row).set(inf, row + 1).set(-inf, row + 2);
        CaseNoise.clock(c);
        return c.output("x", 3, 3, SELECTED)
                .call((ops, a) -> ops.gather(a.get("data"), null, a.clock(), 0.5f, null, a.get("x")));
    }

    private static OpCase normal(int rows, int cols, CaseNoise noise, int gap) {
        OpCase.Builder c = OpCase.of("normal", rows + " × " + cols + ", " + noise + Place.label(gap));
        noise.declare(c, rows, cols);
        return c.output("out", rows, cols, NORMALS)
                .gap(gap)
                .call((ops, a) -> ops.normal(noise.source(NoiseStream.SAMPLE, a), a.get("out")));
    }

    /** Elements beyond 2³²: 200,000,000 rows of 33 are 6.6e9 of them. */
    private static OpCase farNormal() {
        return OpCase.of("normal", "3 × 33, noise per example, row 200,000,000, negative step")
                .input("clock", ElementType.INT32, 1, Clock.SIZE, -1, 200_000_000, 0, 4999)
                .output("out", 3, 33, NORMALS)
                .call((ops, a) ->
                        ops.normal(NoiseSource.perExample(-1, NoiseStream.EVALUATION, a.clock()), a.get("out")));
    }

    private static OpCase farShard() {
        OpCase.Builder c = OpCase.of("normal", "3 × 33, noise of a shard from row 200,000,000");
        CaseNoise.clock(c);
        return c.output("out", 3, 33, NORMALS)
                .call((ops, a) -> ops.normal(
                        NoiseSource.perStep(-1, NoiseStream.LATENT, a.clock()).fromRow(200_000_000), a.get("out")));
    }

    private static OpCase advance(String label, int step, int row, int slot, int sample, double[] counters) {
        return OpCase.of("advance", label)
                .inOut("clock", ElementType.INT32, 1, Clock.SIZE, COUNTED, counters)
                .call((ops, a) -> ops.advance(a.clock(), step, row, slot, sample));
    }
}
