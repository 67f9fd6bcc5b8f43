package dev.elbo.model;

/** The built-in likelihoods p(x|z), whose parameters are the decoder's output. */
public final class Likelihood {
    static final String PER_DIMENSION = "variance_per_dimension";

    /** Normal with unit variance: the squared error. */
    public static final Component GAUSSIAN = Component.of("gaussian");
    /** Normal with one variance, always at its optimum, the mean squared error (Rybkin et al. 2021, section 3.2). */
    public static final Component GAUSSIAN_OPTIMAL = Component.of("gaussian-optimal");
    /** Normal with one variance for all inputs, trained like a weight. */
    public static final Component GAUSSIAN_LEARNED = Component.of("gaussian-learned");
    /** Normal with a variance for each input, trained like weights. */
    public static final Component GAUSSIAN_LEARNED_PER_DIMENSION = perDimension(GAUSSIAN_LEARNED);
    /** Independent Bernoulli variables, the output being their logits. */
    public static final Component BERNOULLI = Component.of("bernoulli");

    static final String COLUMNS = "columns";

    private Likelihood() {}

    /**
     * {@return the likelihood of a table whose columns have a kind each}
     *
     * @param columns as many places as the model has inputs
     */
    public static Component columns(Columns columns) {
        return Component.of(COLUMNS).with(COLUMNS, columns.toJson());
    }

    static Component perDimension(Component likelihood) {
        return likelihood.with(PER_DIMENSION, true);
    }
}
