package dev.elbo.cli;

import dev.elbo.analysis.Inference;
import picocli.CommandLine.Option;

/** Whether what a model makes is written as means of p(x|z) or as draws from it. */
final class DrawOptions {
    @Option(
            names = "--draw",
            negatable = true,
            description = "Write a draw from p(x|z) instead of its mean, with the noise of the likelihood: 0 or 1 for"
                    + " bernoulli, otherwise mean + deviation x normal. Draws are not clipped; pictures show values"
                    + " below 0 as black and above 1 as white (default: --no-draw).")
    private boolean draw;

    /** The same model, giving what was asked for. */
    Inference of(Inference means) {
        return draw ? means.outputDraws() : means;
    }

    /** For messages and JSON: what is written. */
    String label() {
        return draw ? "draws" : "means";
    }

    /** For a message: " (draws)", or nothing where it is the means. */
    String note() {
        return draw ? " (draws)" : "";
    }
}
