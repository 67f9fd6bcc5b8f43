package dev.elbo.cli;

import dev.elbo.analysis.Inference;
import picocli.CommandLine.Option;

/** The choice between means of p(x|z) and draws from it. */
final class DrawOptions {
    @Option(
            names = "--draw",
            negatable = true,
            description = "Write a draw from p(x|z) instead of its mean, with the noise of the likelihood: 0 or 1 for"
                    + " bernoulli, otherwise mean + deviation x normal. Draws are not clipped; pictures show values"
                    + " below 0 as black and above 1 as white (default: --no-draw).")
    private boolean draw;

    Inference of(Inference means) {
        return draw ? means.outputDraws() : means;
    }

    /** {@return the word for the outputs in messages and JSON} */
    String label() {
        return draw ? "draws" : "means";
    }

    /** {@return " (draws)" for a message, or nothing for means} */
    String note() {
        return draw ? " (draws)" : "";
    }
}
