package dev.elbo.spark;

import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.KlMode;
import dev.elbo.data.Dataset;
import dev.elbo.data.Shards;
import dev.elbo.data.Standardization;
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
import java.util.Optional;

/** Model, objective and training that the parameters of a {@link VaeEstimator} describe, on the driver and on executors. */
record FitSettings(VaeEstimator params) implements Serializable {
    private static final int IMPORTANCE_SAMPLES = 5;

    /** Refuses parameters that do not go together. */
    void check() {
        try {
            options(DataPlacement.AUTO);
            objective();
            spec(1);
        } catch (IllegalArgumentException e) {
            throw ElboException.usage(Messages.line(e.getMessage()));
        }
        boolean plain = params.getObjective().equals("ae");
        if (!params.getObjective().equals("vae") && (params.getBeta() != 1 || params.getBetaWarmup() != 0)) {
            throw ElboException.usage("beta and betaWarmup weigh the KL divergence of objective vae; clear them for "
                    + params.getObjective());
        }
        if (plain && params.getSamples() > 0) {
            throw ElboException.usage("samples is " + params.getSamples() + ", but objective ae draws none; clear it");
        }
        boolean bernoulli = params.getLikelihood().equals("bernoulli");
        if (params.getBinarize() && !bernoulli) {
            throw ElboException.usage("binarize needs likelihood bernoulli, not " + params.getLikelihood());
        }
        if (bernoulli && !params.getStandardize().equals("none")) {
            throw ElboException.usage(
                    "standardize is " + params.getStandardize()
                            + ", but likelihood bernoulli needs values in [0, 1]; take a gaussian likelihood, or standardize none");
        }
        if (params.getVariance().equals("per-dimension")
                && !params.getLikelihood().equals("gaussian-learned")) {
            throw ElboException.usage(
                    "variance per-dimension needs likelihood gaussian-learned, not " + params.getLikelihood());
        }
    }

    VaeSpec spec(int inputs) {
        Component chosen = params.getVariance().equals("per-dimension")
                ? Likelihood.GAUSSIAN_LEARNED_PER_DIMENSION
                : Kinds.LIKELIHOODS.component(params.getLikelihood());
        VaeSpec.Builder builder = VaeSpec.builder(inputs)
                .hidden(params.getHidden())
                .latent(params.getLatent())
                .activation(Activation.of(params.getActivation()))
                .likelihood(chosen);
        return (params.getObjective().equals("ae") ? builder.deterministic() : builder).build();
    }

    Objective objective() {
        int draws = params.getSamples() > 0
                ? params.getSamples()
                : params.getObjective().equals("vae") ? 1 : IMPORTANCE_SAMPLES;
        return switch (params.getObjective()) {
            case "iwae" -> Objectives.iwae(draws);
            case "dreg" -> Objectives.dreg(draws);
            case "ae" -> Objectives.autoencoder();
            default -> new Elbo(draws, KlMode.ANALYTIC);
        };
    }

    TrainingOptions options(DataPlacement placement) {
        TrainingOptions.Builder builder = TrainingOptions.builder()
                .epochs(params.getEpochs())
                .batchSize(params.getBatchSize())
                .learningRate(params.getLearningRate())
                .klWeight(new KlWeight(params.getBeta(), params.getBetaWarmup()))
                .seed(params.getSeed())
                .binarize(params.getBinarize())
                .dropLast(params.getDropLast())
                .shards(params.getShards())
                .localSteps(params.getLocalSteps())
                .dataPlacement(placement);
        return (params.getPatience() < 0 ? builder : builder.patience(params.getPatience())).build();
    }

    /**
     * Returns the unit of the training, if it is another than that of the rows.
     *
     * @param shards of which these are the rows; all members ask at the same time
     */
    Optional<Standardization> unit(Dataset train, Shards shards) {
        return switch (params.getStandardize()) {
            case "per-feature" -> Optional.of(Standardization.perFeature(train, shards));
            case "shared" -> Optional.of(Standardization.shared(train, shards));
            default -> Optional.empty();
        };
    }
}
