package dev.elbo.verify;

import dev.elbo.model.Activation;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.Patches;
import dev.elbo.verify.Argument.Place;
import java.util.ArrayList;
import java.util.List;

/** The cases of {@code unfold} and {@code fold}. */
final class ConvolutionCases {
    /** Pictures, channels, height, width, kernel, stride, padding. */
    private static final int[][] SHAPES = {
        {1, 1, 1, 1, 1, 1, 0},
        {2, 1, 5, 7, 3, 1, 1},
        {3, 1, 28, 28, 4, 2, 1},
        {5, 4, 7, 9, 4, 2, 1},
        {3, 8, 14, 14, 4, 2, 1},
        {1, 3, 9, 11, 3, 2, 1},
        {2, 3, 8, 6, 5, 3, 2},
        {2, 32, 6, 5, 4, 2, 1},
        // pixels that no patch reaches, at the edge and between the patches
        {1, 4, 13, 10, 5, 2, 0},
        {3, 5, 6, 8, 3, 2, 0},
        {2, 8, 6, 7, 1, 2, 0},
        {2, 3, 7, 7, 1, 3, 0},
        // whole patches outside of the picture
        {2, 4, 3, 5, 1, 1, 2},
        {3, 5, 4, 6, 3, 3, 4},
        {1, 1, 2, 3, 1, 2, 2},
        // many patches on a pixel
        {2, 8, 6, 5, 5, 1, 2},
        {1, 3, 12, 13, 9, 1, 4},
        {1, 4, 20, 18, 13, 1, 1}
    };

    private ConvolutionCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        Activation[] activations = Activation.values();
        for (int[] s : SHAPES) {
            for (boolean channelsFirst : new boolean[] {false, true}) {
                Patches patches = new Patches(new FeatureMap(s[1], s[2], s[3]), s[4], s[5], s[6], channelsFirst);
                int i = cases.size() / 2;
                int gap = new int[] {0, Place.WHOLE_QUADS, 1}[i % 3];
                cases.add(unfold(s[0], patches, gap));
                cases.add(fold(s[0], patches, i % 4 < 2, activations[i % activations.length], gap));
            }
        }
        Patches quads = new Patches(new FeatureMap(8, 5, 6), 4, 2, 1, false);
        for (Activation activation : activations) {
            cases.add(fold(3, quads, true, activation, 0));
        }
        for (int channels : new int[] {3, 4}) {
            Patches patches = new Patches(new FeatureMap(channels, 5, 6), 4, 2, 1, false);
            cases.add(unfoldSpecial(patches));
            cases.add(foldSpecial(patches));
        }
        return cases;
    }

    private static String label(int pictures, Patches patches, int gap) {
        return pictures + " of " + patches.picture() + ", kernel " + patches.kernel() + ", stride " + patches.stride()
                + ", padding " + patches.padding() + (patches.channelsFirst() ? ", channels first" : "")
                + Place.label(gap);
    }

    private static OpCase unfold(int pictures, Patches patches, int gap) {
        OpCase.Builder c = OpCase.of("unfold", label(pictures, patches, gap));
        return unfold(c.normals("x", pictures, patches.picture().size()).gap(gap), patches, gap);
    }

    private static OpCase unfold(OpCase.Builder c, Patches patches, int gap) {
        int rows = c.argument("x").rows() * patches.count();
        return c.output("unfolded", rows, patches.size(), Bound.exact("a copy"))
                .shift(gap)
                .call((ops, a) -> ops.unfold(a.get("x"), patches, a.get("unfolded")));
    }

    private static OpCase fold(int pictures, Patches patches, boolean biased, Activation activation, int gap) {
        String options = ", " + activation + (biased ? "" : ", no bias");
        OpCase.Builder c = OpCase.of("fold", label(pictures, patches, gap) + options);
        c.normals("unfolded", pictures * patches.count(), patches.size()).shift(gap);
        if (biased) {
            c.normals("bias", 1, patches.picture().channels()).shift(gap);
        }
        return fold(c, pictures, patches, activation, gap);
    }

    private static OpCase fold(OpCase.Builder c, int pictures, Patches patches, Activation activation, int gap) {
        Bound bound = Bound.within(
                "2⌈log₂ n⌉ u S of the bias and the values that lie there, n = ⌈k/s⌉² + 1: rows and columns of up to six"
                        + " patches are rounded 2⌈k/s⌉ − 1 times; and no activation is steeper than 1",
                (v, u) -> {
                    Grid s = absoluteTerms(v, patches);
                    return (i, j) -> Tolerances.sum(0, patches.overlaps() + 1, s.at(i, j), u)
                            + Tolerances.activation(activation, v.out("y", i, j), u);
                });
        return c.output("y", pictures, patches.picture().size(), bound)
                .gap(gap, 1)
                .call((ops, a) -> ops.fold(a.get("unfolded"), patches, a.optional("bias"), activation, a.get("y")));
    }

    /** Scatters what the reference gathers. */
    private static Grid absoluteTerms(Values v, Patches patches) {
        FeatureMap picture = patches.picture();
        Grid unfolded = v.in("unfolded");
        Grid bias = v.optional("bias");
        Grid s = Grid.of(unfolded.rows() / patches.count(), picture.size(), (i, j) -> {
            int channel = patches.channelsFirst() ? j / picture.pixels() : j % picture.channels();
            return bias == null ? 0 : Math.abs(bias.at(0, channel));
        });
        for (int i = 0; i < unfolded.rows(); i++) {
            int patch = i % patches.count();
            for (int j = 0; j < unfolded.cols(); j++) {
                int pixel = j / picture.channels();
                int y = patch / patches.across() * patches.stride() - patches.padding() + pixel / patches.kernel();
                int x = patch % patches.across() * patches.stride() - patches.padding() + pixel % patches.kernel();
                if (y >= 0 && y < picture.height() && x >= 0 && x < picture.width()) {
                    int last = (y * picture.width() + x) * picture.channels() + j % picture.channels();
                    int place = patches.channelsFirst() ? picture.channelsFirst(last) : last;
                    s.values()[i / patches.count() * picture.size() + place] += Math.abs(unfolded.at(i, j));
                }
            }
        }
        return s;
    }

    private static OpCase unfoldSpecial(Patches patches) {
        int size = patches.picture().size();
        OpCase.Builder c = OpCase.of("unfold", label(2, patches, 0) + ", NaN and infinities");
        c.normals("x", 2, size)
                .set(Double.NaN, 0, size + 7)
                .set(Double.POSITIVE_INFINITY, size - 1)
                .set(Double.NEGATIVE_INFINITY, size + 1);
        return unfold(c, patches, 0);
    }

    /** What lies outside of the picture reaches nothing. */
    private static OpCase foldSpecial(Patches patches) {
        int size = patches.size();
        int inside = (patches.kernel() + 1) * patches.picture().channels();
        OpCase.Builder c = OpCase.of("fold", label(2, patches, 0) + ", NaN and infinities");
        c.normals("unfolded", 2 * patches.count(), size)
                .set(Double.NaN, 0, inside, (2 * patches.count() - 1) * size + inside)
                .set(Double.POSITIVE_INFINITY, 1, inside + 1, size + inside + 2)
                .set(Double.NEGATIVE_INFINITY, 2, (patches.count() + 1) * size + inside + 1)
                .normals("bias", 1, patches.picture().channels());
        return fold(c, 2, patches, Activation.IDENTITY, 0);
    }
}
