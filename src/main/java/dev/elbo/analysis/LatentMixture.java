package dev.elbo.analysis;

import dev.elbo.analysis.mixture.Covariance;
import dev.elbo.analysis.mixture.GaussianMixture;
import dev.elbo.analysis.mixture.MixtureListener;
import dev.elbo.net.Vae;
import java.util.Arrays;

/**
 * A mixture fitted to a model's codes of data, to be used as a prior. The prior of the training has mass where no
 * example is encoded, and decoded draws from there look like no example; the mixture follows the codes.
 *
 * <p>It is fitted to one draw from the posterior of every example, not to the means. What the decoder has learnt to read is the
 * aggregated posterior, the mean over the examples of q(z given x); draws have its distribution, the means lack the posteriors'
 * own variance, and in a unit that the model does not use they have none at all. A plain autoencoder has no posterior: there,
 * the codes themselves are taken.
 */
public final class LatentMixture {
    private LatentMixture() {}

    /**
     * {@return the mixture that BIC chooses for the codes of data}
     *
     * @param vae the model
     * @param data examples
     * @param candidates numbers of components, of which BIC chooses
     * @param covariance form of the covariances
     * @param seed of the draws and of the fit
     * @param listener receives every step of every fit
     * @throws dev.elbo.error.ElboException data or numeric, if the model's codes are not finite
     */
    public static GaussianMixture fit(
            Vae vae, DataSource data, int[] candidates, Covariance covariance, long seed, MixtureListener listener) {
        float[] codes = new Inference(vae, seed).encode(data, vae.network().stochastic());
        double[] rows = new double[codes.length];
        Arrays.setAll(rows, i -> codes[i]);
        return GaussianMixture.fitByBic(rows, data.size(), vae.spec().latent(), candidates, covariance, seed, listener);
    }
}
