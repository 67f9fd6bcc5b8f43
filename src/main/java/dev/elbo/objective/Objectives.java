package dev.elbo.objective;

import dev.elbo.backend.KlMode;

/**
 * The usual objectives, by the names that {@code elbo train --objective} has for them. β is not part of an objective: it is
 * {@code TrainingOptions.klWeight}.
 */
public final class Objectives {
    private static final Elbo VAE = new Elbo(1, KlMode.ANALYTIC);

    private Objectives() {}

    /** {@return the negative ELBO with one sample and the KL divergence in closed form (Kingma and Welling 2013, eq. 10)} */
    public static Elbo vae() {
        return VAE;
    }

    /**
     * {@return {@link #vae()}, in which each unit's KL divergence counts only above a floor (Kingma et al. 2016, eq. 15)}
     *
     * @param nats floor of each unit, above 0
     */
    public static Elbo freeBits(double nats) {
        return vae(new KlControl.FreeBits(nats));
    }

    /**
     * {@return {@link #vae()} with the term {@code β |KL − C|}, where C grows linearly from 0 (Burgess et al. 2018, eq. 8)}
     *
     * @param nats C at the end, above 0
     * @param epochs over which C grows, at least 0
     * @param weight of the term, above 0; 4 on the command line
     */
    public static Elbo capacity(double nats, double epochs, double weight) {
        return vae(new KlControl.Capacity(nats, epochs, weight));
    }

    /**
     * {@return the least reconstruction loss subject to {@code KL ≤ target} (Rezende and Viola 2018)}
     *
     * @param target nats per example, above 0
     */
    public static Elbo constrainedKl(double target) {
        return constrained(KlControl.Quantity.KL, target);
    }

    /**
     * {@return the least KL divergence subject to {@code reconstruction ≤ target} (Rezende and Viola 2018)}
     *
     * @param target nats per example
     */
    public static Elbo constrainedReconstruction(double target) {
        return constrained(KlControl.Quantity.RECONSTRUCTION, target);
    }

    /**
     * {@return the importance-weighted bound (Burda et al. 2016, eq. 8)}
     *
     * @param samples of each example, K, at least 1
     */
    public static ImportanceWeighted iwae(int samples) {
        return new ImportanceWeighted(samples, false);
    }

    /**
     * {@return the importance-weighted bound with the doubly reparameterized gradient (Tucker et al. 2019, eq. 8)}
     *
     * @param samples of each example, K, at least 1
     */
    public static ImportanceWeighted dreg(int samples) {
        return new ImportanceWeighted(samples, true);
    }

    /** {@return the reconstruction loss alone, for a plain autoencoder: {@code VaeSpec.Builder.deterministic}} */
    public static Reconstruction autoencoder() {
        return new Reconstruction();
    }

    private static Elbo constrained(KlControl.Quantity quantity, double target) {
        return vae(new KlControl.Constrained(quantity, target, KlControl.Constrained.RATE));
    }

    private static Elbo vae(KlControl control) {
        return new Elbo(1, KlMode.ANALYTIC, control);
    }
}
