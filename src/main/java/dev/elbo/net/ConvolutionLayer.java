package dev.elbo.net;

import dev.elbo.model.Activation;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.JsonFields;
import dev.elbo.model.Patches;
import dev.elbo.tensor.Tensor;
import java.util.Map;

/**
 * A convolution (cross-correlation with zero padding) and its activation: a dense layer whose rows are the patches of the
 * picture. Its settings are {@code channels}, which it gives, {@code kernel}, {@code stride} and {@code padding}. Its weight in
 * files is (out, in, kernel, kernel).
 */
final class ConvolutionLayer implements Layer {
    static final Kind<Layer> KIND = new Kind<>("conv", ConvolutionLayer::new);

    private static final String WEIGHT = "weight";
    private static final String BIAS = "bias";
    private static final String PATCHES = "patches";

    private final Patches patches;
    private final int channels;
    private final Activation activation;

    private ConvolutionLayer(JsonFields settings, Place place) {
        channels = settings.integer("channels");
        int kernel = settings.integer("kernel");
        patches = new Patches(
                place.shape(), kernel, settings.integer("stride"), settings.integer("padding"), place.first());
        activation = place.activation();
        if (place.output() && channels > 1) {
            throw new IllegalArgumentException("it cannot give an output of " + channels
                    + " channels, which data count first; end the decoder with conv-transposed");
        }
    }

    @Override
    public FeatureMap shape() {
        return new FeatureMap(channels, patches.down(), patches.across());
    }

    private Pieces pieces(int rows) {
        return Pieces.of(rows, (long) patches.count() * patches.size());
    }

    @Override
    public void parameters(Parameters to) {
        int taken = patches.picture().channels();
        int taps = patches.kernel() * patches.kernel();
        // an input meets each weight at one position in stride² of those that it is near
        double fanOut = (double) channels * taps / (patches.stride() * patches.stride());
        FileTensor file =
                FileTensor.weight(WEIGHT, patches.size(), fanOut, channels, taken, patches.kernel(), patches.kernel());
        to.weight(WEIGHT, channels, patches.size(), file, i -> {
            int value = i % patches.size();
            return (i / patches.size() * taken + value % taken) * taps + value / taken;
        });
        to.channelBias(BIAS, channels);
    }

    @Override
    public Map<String, int[]> values(int rows) {
        return Map.of(PATCHES, new int[] {pieces(rows).each() * patches.count(), patches.size()});
    }

    @Override
    public Map<String, int[]> gradients(int rows) {
        return pieces(rows).parts(Map.of(WEIGHT, channels * patches.size(), BIAS, channels));
    }

    private Tensor positions(Tensor piece) {
        return piece.reshaped(piece.rows() * patches.count(), channels);
    }

    private Tensor unfold(Scope scope, Tensor x) {
        Tensor unfolded = scope.value(PATCHES).rows(0, x.rows() * patches.count());
        scope.ops().unfold(x, patches, unfolded);
        return unfolded;
    }

    @Override
    public void forward(Scope scope, Tensor x, Tensor y) {
        Pieces pieces = pieces(x.rows());
        pieces.forEach(piece -> {
            Tensor unfolded = unfold(scope, pieces.of(x, piece));
            Tensor to = positions(pieces.of(y, piece));
            scope.ops().dense(unfolded, scope.parameter(WEIGHT), scope.parameter(BIAS), activation, to);
        });
    }

    @Override
    public void backward(Scope scope, Tensor x, Tensor y, Tensor dY, Tensor dX) {
        Pieces pieces = pieces(x.rows());
        pieces.forEach(piece -> {
            int rows = pieces.size(piece) * patches.count();
            // the patches of a single piece are still there from the forward pass
            Tensor unfolded = pieces.isWhole() ? scope.value(PATCHES) : unfold(scope, pieces.of(x, piece));
            Tensor gradient = dX == null ? null : scope.valueGradient(PATCHES).rows(0, rows);
            scope.ops()
                    .denseGrad(
                            unfolded,
                            scope.parameter(WEIGHT),
                            positions(pieces.of(y, piece)),
                            positions(pieces.of(dY, piece)),
                            activation,
                            pieces.gradient(scope, WEIGHT, piece),
                            pieces.gradient(scope, BIAS, piece),
                            gradient);
            if (dX != null) {
                scope.ops().fold(gradient, patches, null, Activation.IDENTITY, pieces.of(dX, piece));
            }
        });
        pieces.addUp(scope, WEIGHT);
        pieces.addUp(scope, BIAS);
    }

    @Override
    public void export(OperatorGraph graph, String module, String x, String y) {
        graph.convolution("Conv", module, x, patches, patches.picture(), shape(), activation, y);
    }
}
