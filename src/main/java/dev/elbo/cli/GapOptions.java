package dev.elbo.cli;

import dev.elbo.analysis.LikelihoodEstimate;
import dev.elbo.analysis.MarginalLikelihood;
import dev.elbo.analysis.ResidentData;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.net.Vae;
import dev.elbo.train.TrainingOptions;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The measurement of the posterior gap during training. */
final class GapOptions {
    /** The first held-out examples, on which the gap of every epoch is measured. */
    private static final int EXAMPLES = 256;

    @Option(
            names = "--gap-every",
            paramLabel = "EPOCHS",
            description = "Epochs between measurements of KL(q(z|x) || p(z|x)), log p(x) - ELBO, on " + EXAMPLES
                    + " held-out examples, written as \"gap\" to metrics.jsonl; 0: never (default: 0).")
    private int every;

    @Option(
            names = "--gap-samples",
            paramLabel = "K",
            description = "Importance samples per example for --gap-every (default: ${DEFAULT-VALUE}).")
    private int samples = 500;

    void check(boolean plain) {
        Check.atLeast("--gap-every", every, 0);
        if (samples < 2 || samples > MarginalLikelihood.MAX_SAMPLES) {
            throw ElboException.usage(
                    "--gap-samples must be 2 to " + MarginalLikelihood.MAX_SAMPLES + ", not " + samples);
        }
        if (every > 0 && plain) {
            throw ElboException.usage("--gap-every does not apply to --objective ae, which has no posterior");
        }
    }

    /** @throws ElboException usage, if it is to be measured and nothing is held out */
    Meter meter(Vae vae, Optional<Dataset> heldOut, TrainingOptions options) {
        if (every == 0) {
            return new Meter(0, null, null);
        }
        Dataset examples = heldOut.orElseThrow(() -> ElboException.usage(
                "--gap-every needs held-out data, but --test none leaves none; give --validation, or leave out"
                        + " --gap-every or --test none"));
        ResidentData data = ResidentData.upload(
                vae.backend(), examples.first(EXAMPLES), vae.spec().classes());
        try {
            return new Meter(
                    every,
                    data,
                    new MarginalLikelihood(
                            vae, data, samples, options.binarize(), options.seed(), MarginalLikelihood.MEMORY));
        } catch (Throwable thrown) {
            data.close();
            throw thrown;
        }
    }

    /** A meter of the gap after an epoch, always on the same examples with the same draws of noise. */
    record Meter(int every, ResidentData data, MarginalLikelihood likelihood) implements AutoCloseable {
        /** {@return the estimate after an epoch, or null if the epoch is not measured} */
        LikelihoodEstimate after(int epoch) {
            return likelihood == null || epoch % every != 0
                    ? null
                    : likelihood.run("the posterior gap after epoch " + epoch, MarginalLikelihood.Progress.NONE);
        }

        @Override
        public void close() {
            if (likelihood != null) {
                likelihood.close();
                data.close();
            }
        }
    }
}
