package dev.elbo.net;

import dev.elbo.model.Activation;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.JsonFields;
import dev.elbo.model.Patches;
import dev.elbo.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A transposed convolution (Dumoulin and Visin 2016, chapter 4) and its activation: a dense map of each pixel to a patch, whose
 * sums are the picture. Its settings are those of a convolution and {@code output_padding}, the pixels at the bottom and at the
 * right that no patch need reach, fewer than the stride. Its weight in files is (in, out, kernel, kernel).
 */
final class TransposedConvolutionLayer implements Layer {
    static final Kind<Layer> KIND = new Kind<>("conv-transposed", TransposedConvolutionLayer::new);

    private static final String WEIGHT = "weight";
    private static final String BIAS = "bias";
    private static final String PATCHES = "patches";
    private static final String CHANNELS_LAST = "channels_last";

    private final FeatureMap taken;
    private final Patches patches;
    private final Activation activation;

    private TransposedConvolutionLayer(JsonFields settings, Place place) {
        int channels = settings.integer("channels");
        int kernel = settings.integer("kernel");
        int stride = settings.integer("stride");
        int padding = settings.integer("padding");
        List<Integer> outputPadding = settings.integers("output_padding");
        if (outputPadding.size() != 2 || outputPadding.stream().anyMatch(pixels -> pixels < 0 || pixels >= stride)) {
            throw new IllegalArgumentException(
                    "output_padding must be two numbers from 0 to below the stride, not " + outputPadding);
        }
        taken = place.shape();
        FeatureMap given = new FeatureMap(
                channels,
                side(taken.height(), kernel, stride, padding, outputPadding.get(0)),
                side(taken.width(), kernel, stride, padding, outputPadding.get(1)));
        patches = new Patches(given, kernel, stride, padding, place.output());
        activation = place.activation();
    }

    private static int side(int positions, int kernel, int stride, int padding, int outputPadding) {
        long side = (positions - 1L) * stride - 2L * padding + kernel + outputPadding;
        if (side < 1 || side > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a kernel of " + kernel + " with stride " + stride + " and padding "
                    + padding + " makes " + side + " pixels of " + positions);
        }
        return (int) side;
    }

    @Override
    public FeatureMap shape() {
        return patches.picture();
    }

    private int channels() {
        return patches.picture().channels();
    }

    private Pieces pieces(int rows) {
        return Pieces.of(
                rows,
                Math.max(
                        (long) patches.count() * patches.size(),
                        patches.picture().size()));
    }

    /** Returns whether the data's order keeps the values of a channel apart. */
    private boolean givesChannelsFirst() {
        return patches.channelsFirst() && channels() > 1;
    }

    @Override
    public void parameters(Parameters to) {
        int taps = patches.kernel() * patches.kernel();
        // an output sums one weight in stride² of those that are near
        double fanIn = (double) taken.channels() * taps / (patches.stride() * patches.stride());
        FileTensor file = FileTensor.weight(
                WEIGHT, fanIn, patches.size(), taken.channels(), channels(), patches.kernel(), patches.kernel());
        to.weight(WEIGHT, patches.size(), taken.channels(), file, i -> {
            int value = i / taken.channels();
            return (i % taken.channels() * channels() + value % channels()) * taps + value / channels();
        });
        to.channelBias(BIAS, channels());
    }

    @Override
    public Map<String, int[]> values(int rows) {
        return Map.of(PATCHES, new int[] {pieces(rows).each() * patches.count(), patches.size()});
    }

    @Override
    public Map<String, int[]> gradients(int rows) {
        Pieces pieces = pieces(rows);
        Map<String, int[]> shapes =
                new HashMap<>(pieces.parts(Map.of(WEIGHT, patches.size() * taken.channels(), BIAS, channels())));
        if (givesChannelsFirst()) {
            shapes.put(
                    CHANNELS_LAST, new int[] {pieces.each() * patches.picture().pixels(), channels()});
        }
        return shapes;
    }

    private Tensor positions(Tensor piece) {
        return piece == null ? null : piece.reshaped(piece.rows() * patches.count(), taken.channels());
    }

    private Tensor pixels(Tensor piece) {
        return piece.reshaped(piece.rows() * patches.picture().pixels(), channels());
    }

    @Override
    public void forward(Scope scope, Tensor x, Tensor y) {
        Pieces pieces = pieces(x.rows());
        pieces.forEach(piece -> {
            Tensor from = positions(pieces.of(x, piece));
            Tensor unfolded = scope.value(PATCHES).rows(0, from.rows());
            scope.ops().dense(from, scope.parameter(WEIGHT), null, Activation.IDENTITY, unfolded);
            scope.ops().fold(unfolded, patches, scope.parameter(BIAS), activation, pieces.of(y, piece));
        });
    }

    @Override
    public void backward(Scope scope, Tensor x, Tensor y, Tensor dY, Tensor dX) {
        Pieces pieces = pieces(x.rows());
        pieces.forEach(piece -> {
            Tensor gradient = pieces.of(dY, piece);
            Tensor dBias = pieces.gradient(scope, BIAS, piece);
            biasGradient(scope, pieces.of(y, piece), gradient, dBias);
            Tensor from = positions(pieces.of(x, piece));
            Tensor unfolded = scope.valueGradient(PATCHES).rows(0, from.rows());
            scope.ops().unfold(gradient, patches, unfolded);
            scope.ops()
                    .denseGrad(
                            from,
                            scope.parameter(WEIGHT),
                            scope.value(PATCHES).rows(0, from.rows()),
                            unfolded,
                            Activation.IDENTITY,
                            pieces.gradient(scope, WEIGHT, piece),
                            null,
                            positions(pieces.of(dX, piece)));
        });
        pieces.addUp(scope, WEIGHT);
        pieces.addUp(scope, BIAS);
    }

    /** Queues the gradient before the activation, in place, and that of the bias. */
    private void biasGradient(Scope scope, Tensor y, Tensor dY, Tensor dBias) {
        if (!givesChannelsFirst()) {
            scope.ops().activateGrad(pixels(y), pixels(dY), activation, dBias);
            return;
        }
        // the output has no activation; patches of one pixel bring its channels together
        Tensor last = scope.valueGradient(CHANNELS_LAST)
                .rows(0, dY.rows() * patches.picture().pixels());
        scope.ops().unfold(dY, new Patches(patches.picture(), 1, 1, 0, true), last);
        scope.ops().activateGrad(last, last, Activation.IDENTITY, dBias);
    }

    @Override
    public void export(OperatorGraph graph, String module, String x, String y) {
        graph.convolution("ConvTranspose", module, x, patches, taken, shape(), activation, y);
    }
}
