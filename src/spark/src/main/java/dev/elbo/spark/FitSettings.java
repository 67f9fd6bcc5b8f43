package dev.elbo.spark;

import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.KlMode;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Kinds;
import dev.elbo.objective.Elbo;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import dev.elbo.train.KlWeight;
import dev.elbo.train.TrainingOptions;
import java.io.Serializable;

/** The parameters of a {@link VaeEstimator} that executors need: model, objective and training. */
record FitSettings(
        int[] hidden,
        int latent,
        String activation,
        String likelihood,
        String variance,
        String objective,
        double beta,
        double betaWarmup,
        int samples,
        int epochs,
        int batchSize,
        double learningRate,
        int patience,
        long seed,
        boolean binarize,
        boolean dropLast,
        int shards,
        int localSteps,
        String standardize,
        String backend,
        String dataName,
        String checkpointDir,
        int checkpointInterval,
        double peerTimeout)
        implements Serializable {
    static final String PER_FEATURE = "per-feature";

    static final String SHARED = "shared";
    private static final int IMPORTANCE_SAMPLES = 5;

    static FitSettings of(VaeEstimator given) {
        return new FitSettings(
                given.getHidden(),
                given.getLatent(),
                given.getActivation(),
                given.getLikelihood(),
                given.getVariance(),
                given.getObjective(),
                given.getBeta(),
                given.getBetaWarmup(),
                given.getSamples(),
                given.getEpochs(),
                given.getBatchSize(),
                given.getLearningRate(),
                given.getPatience(),
                given.getSeed(),
                given.getBinarize(),
                given.getDropLast(),
                given.getShards(),
                given.getLocalSteps(),
                given.getStandardize(),
                given.getBackend(),
                given.getDataName(),
                given.getCheckpointDir(),
                given.getCheckpointInterval(),
                given.getPeerTimeout());
    }

    /** Refuses parameters that do not go together. */
    void check() {
        try {
            options(DataPlacement.AUTO);
            minimised();
            spec(1);
        } catch (IllegalArgumentException e) {
            throw ElboException.usage(Messages.line(e.getMessage()));
        }
        boolean plain = objective.equals("ae");
        if (!objective.equals("vae") && (beta != 1 || betaWarmup != 0)) {
            throw ElboException.usage(
                    "beta and betaWarmup weigh the KL divergence of objective vae; clear them for " + objective);
        }
        if (plain && samples > 0) {
            throw ElboException.usage("samples is " + samples + ", but objective ae draws none; clear it");
        }
        boolean bernoulli = likelihood.equals("bernoulli");
        if (binarize && !bernoulli) {
            throw ElboException.usage("binarize needs likelihood bernoulli, not " + likelihood);
        }
        if (bernoulli && !standardize.equals("none")) {
            throw ElboException.usage(
                    "standardize is " + standardize
                            + ", but likelihood bernoulli needs values in [0, 1]; take a gaussian likelihood, or standardize none");
        }
        if (variance.equals("per-dimension") && !likelihood.equals("gaussian-learned")) {
            throw ElboException.usage("variance per-dimension needs likelihood gaussian-learned, not " + likelihood);
        }
    }

    VaeSpec spec(int inputs) {
        Component chosen = variance.equals("per-dimension")
                ? Likelihood.GAUSSIAN_LEARNED_PER_DIMENSION
                : Kinds.LIKELIHOODS.component(likelihood);
        VaeSpec.Builder builder = VaeSpec.builder(inputs)
                .hidden(hidden)
                .latent(latent)
                .activation(Activation.of(activation))
                .likelihood(chosen);
        return (objective.equals("ae") ? builder.deterministic() : builder).build();
    }

    Objective minimised() {
        int draws = samples > 0 ? samples : objective.equals("vae") ? 1 : IMPORTANCE_SAMPLES;
        return switch (objective) {
            case "iwae" -> Objectives.iwae(draws);
            case "dreg" -> Objectives.dreg(draws);
            case "ae" -> Objectives.autoencoder();
            default -> new Elbo(draws, KlMode.ANALYTIC);
        };
    }

    TrainingOptions options(DataPlacement placement) {
        TrainingOptions.Builder builder = TrainingOptions.builder()
                .epochs(epochs)
                .batchSize(batchSize)
                .learningRate(learningRate)
                .klWeight(new KlWeight(beta, betaWarmup))
                .seed(seed)
                .binarize(binarize)
                .dropLast(dropLast)
                .shards(shards)
                .localSteps(localSteps)
                .dataPlacement(placement);
        return (patience < 0 ? builder : builder.patience(patience)).build();
    }
}
