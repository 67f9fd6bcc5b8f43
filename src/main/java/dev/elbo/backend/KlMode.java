package dev.elbo.backend;

import java.util.Locale;

/** The form in which the KL divergence of the posterior from the prior enters the loss. */
public enum KlMode {
    /** The closed form (Kingma and Welling 2013, appendix B). */
    ANALYTIC,
    /** The sampled log q(z|x) − log p(z), which importance weights need. */
    SAMPLED,
    /**
     * The sampled form, with the doubly reparameterized gradient of importance-weighted bounds (Tucker et al. 2019).
     */
    DOUBLY_REPARAMETERIZED;

    /** {@return its name on the command line and in files} */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public String toString() {
        return label();
    }
}
