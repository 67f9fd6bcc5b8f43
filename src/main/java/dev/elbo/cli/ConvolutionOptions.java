package dev.elbo.cli;

import dev.elbo.model.Convolution;
import java.util.List;
import picocli.CommandLine.Option;

/** The convolutions of a model. */
final class ConvolutionOptions {
    @Option(
            names = "--conv",
            paramLabel = "CxKsSpP,..",
            hideParamSyntax = true,
            split = ",",
            description =
                    "Convolutions before the hidden layers, mirrored by transposed ones in the decoder, whose output"
                            + " padding restores the sizes: 32x4s2p1 has 32 channels, a kernel of 4 × 4, stride 2 and padding 1;"
                            + " without s the stride is 1, without p the padding (kernel − 1) / 2, rounded down. For pictures.")
    private List<String> texts = List.of();

    boolean isEmpty() {
        return texts.isEmpty();
    }

    /** {@return the convolutions, from the input on} Throws IllegalArgumentException for any other form. */
    List<Convolution> list() {
        return texts.stream().map(Convolution::parse).toList();
    }
}
