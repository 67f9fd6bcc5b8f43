package dev.elbo.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A convolution with zero padding, as it is written on the command line: {@code 32x4s2p1} has 32 channels, a kernel of 4 × 4,
 * stride 2 and padding 1.
 *
 * @param channels that it gives, at least 1
 * @param kernel height and width, at least 1
 * @param stride pixels from one position to the next, at least 1
 * @param padding pixels around the picture, at least 0
 */
public record Convolution(int channels, int kernel, int stride, int padding) {
    static final String KIND = "conv";
    static final String TRANSPOSED = "conv-transposed";
    private static final String PICTURE = "picture";
    private static final Pattern FORM =
            Pattern.compile("([1-9][0-9]{0,6})x([1-9][0-9]{0,3})(?:s([1-9][0-9]{0,3}))?(?:p([0-9]{1,4}))?");
    private static final Pattern SETTINGS =
            Pattern.compile("\\{\"channels\":([1-9][0-9]{0,6}),\"kernel\":([1-9][0-9]{0,3}),"
                    + "\"stride\":([1-9][0-9]{0,3}),\"padding\":([0-9]{1,4})}");

    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public Convolution {
        if (channels < 1 || kernel < 1 || stride < 1 || padding < 0) {
            throw new IllegalArgumentException(
                    "a convolution has at least 1 channel, kernel 1, stride 1 and padding 0, not " + channels + ", "
                            + kernel + ", " + stride + " and " + padding);
        }
    }

    /**
     * {@return the convolution that a text describes}
     *
     * @param text channels {@code x} kernel, then {@code s} and the stride, by default 1, and {@code p} and the padding, by
     *     default ⌊(kernel − 1) / 2⌋
     * @throws IllegalArgumentException for any other text
     */
    public static Convolution parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "conv '" + text + "' is not of the form 32x4s2p1: channels x kernel, s stride, p padding");
        }
        int kernel = Integer.parseInt(form.group(2));
        return new Convolution(
                Integer.parseInt(form.group(1)),
                kernel,
                form.group(3) == null ? 1 : Integer.parseInt(form.group(3)),
                form.group(4) == null ? (kernel - 1) / 2 : Integer.parseInt(form.group(4)));
    }

    /**
     * {@return the shape that it gives}
     *
     * @param picture that it takes
     * @throws IllegalArgumentException if nothing is left
     */
    FeatureMap of(FeatureMap picture) {
        try {
            Patches patches = new Patches(picture, kernel, stride, padding, false);
            return new FeatureMap(channels, patches.down(), patches.across());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("conv " + this + " leaves nothing: " + e.getMessage(), e);
        }
    }

    private Component component(String kind, int given) {
        return Component.of(kind)
                .with("channels", given)
                .with("kernel", kernel)
                .with("stride", stride)
                .with("padding", padding);
    }

    /** Returns the convolutions that a stack begins with. */
    static List<Convolution> leading(List<Component> layers) {
        List<Convolution> convolutions = new ArrayList<>();
        for (Component layer : layers) {
            Optional<Convolution> convolution = of(layer);
            if (convolution.isEmpty()) {
                break;
            }
            convolutions.add(convolution.get());
        }
        return convolutions;
    }

    private static Optional<Convolution> of(Component layer) {
        Matcher settings = SETTINGS.matcher(layer.settings());
        if (!layer.kind().equals(KIND) || !settings.matches()) {
            return Optional.empty();
        }
        return Optional.of(new Convolution(
                Integer.parseInt(settings.group(1)),
                Integer.parseInt(settings.group(2)),
                Integer.parseInt(settings.group(3)),
                Integer.parseInt(settings.group(4))));
    }

    /** Returns the layers of an encoder: convolutions, then dense layers. */
    static List<Component> encoder(List<Convolution> convolutions, List<Component> dense) {
        List<Component> layers = new ArrayList<>();
        convolutions.forEach(convolution -> layers.add(convolution.component(KIND, convolution.channels)));
        layers.addAll(dense);
        return layers;
    }

    /**
     * Returns the decoder that mirrors the encoder: the dense layers, a dense layer to the last feature map, and transposed
     * convolutions, whose output padding restores the size before.
     */
    static List<Component> decoder(FeatureMap picture, List<Convolution> convolutions, List<Component> dense) {
        List<FeatureMap> maps = new ArrayList<>(List.of(picture));
        convolutions.forEach(convolution -> maps.add(convolution.of(maps.get(maps.size() - 1))));
        FeatureMap last = maps.get(convolutions.size());
        List<Component> layers = new ArrayList<>();
        dense.forEach(layer -> layers.add(0, layer));
        layers.add(Component.dense(last.size()).with(PICTURE, last.sizes()));
        for (int i = convolutions.size() - 1; i >= 0; i--) {
            FeatureMap before = maps.get(i);
            Convolution c = convolutions.get(i);
            List<Integer> rest = List.of(
                    (before.height() + 2 * c.padding - c.kernel) % c.stride,
                    (before.width() + 2 * c.padding - c.kernel) % c.stride);
            layers.add(c.component(TRANSPOSED, before.channels()).with("output_padding", rest));
        }
        return layers;
    }

    @Override
    public String toString() {
        return channels + "x" + kernel + "s" + stride + "p" + padding;
    }
}
