package dev.elbo.noise;

/**
 * The purpose of a random number: the third word of the counter. Numbers of different streams are independent, so one
 * use can draw more or less without moving the others. The ids are part of the file and kernel contract: never
 * renumber.
 */
public enum NoiseStream {
    /** ε of the reparameterization while training. */
    LATENT(0),
    /** ε of evaluations, whose elements are addressed by the row of the data set. */
    EVALUATION(1),
    /** The uniforms that binary pixels are drawn with. */
    BINARIZE(2),
    /** Initial weights. */
    INITIALIZE(3),
    /** Latents drawn from the prior. */
    SAMPLE(4),
    /** The order of the examples; its step is the epoch. */
    SHUFFLE(5),
    /** Starts of a mixture's fit, and draws from the mixture. */
    MIXTURE(6),
    /** Outputs drawn from p(x|z): element = row·D + column, k = the draw. */
    OUTPUT(7),
    /** The choice among the weighted samples of an example: element = row·K + sample, k = the draw. */
    RESAMPLE(10);

    private final int id;

    NoiseStream(int id) {
        this.id = id;
    }

    /** {@return the stream's word in the counter} */
    public int id() {
        return id;
    }
}
