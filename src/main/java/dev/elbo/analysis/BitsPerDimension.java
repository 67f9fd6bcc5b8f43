package dev.elbo.analysis;

import dev.elbo.data.Dataset;
import dev.elbo.net.OutputLikelihood;

/**
 * Bits per value of an example: NLL / (D ln 2), for a density with the bits of a step between stored values added.
 *
 * @param offset bits to add; NaN if there is no such number
 * @param defined whether there is such a number
 * @param convention the computation in words, or the reason why there is no such number
 */
public record BitsPerDimension(double offset, boolean defined, String convention) {
    private static final double LOG_2 = Math.log(2);

    /**
     * {@return the convention for a likelihood and data} There is none for a likelihood of binary values and values that are not
     * all 0 or 1, and none for a table, whose columns are of several kinds: see {@link ObservedValues}.
     *
     * @param likelihood of the model
     * @param data for the evaluation; read if the convention depends on the values
     * @param binarize as for {@link Evaluator}
     */
    public static BitsPerDimension of(OutputLikelihood likelihood, Dataset data, boolean binarize) {
        if (likelihood.columns().isPresent()) {
            return new BitsPerDimension(Double.NaN, false, "none: the columns of a table are of several kinds");
        }
        if (likelihood.binary()) {
            return binarize || data.isBinary()
                    ? new BitsPerDimension(0, true, "NLL / (D ln 2), of binary values")
                    : new BitsPerDimension(
                            Double.NaN, false, "none: grey targets read as probabilities have no likelihood");
        }
        if (data.isBytes()) {
            return new BitsPerDimension(
                    -Math.log(data.scale()) / LOG_2,
                    true,
                    "NLL / (D ln 2) + log2(" + Math.round(1 / data.scale())
                            + "): the density times the step between stored values, without dequantization");
        }
        return new BitsPerDimension(0, true, "NLL / (D ln 2), a density in the data's own unit");
    }

    /**
     * {@return a mean negative log likelihood in bits per dimension; NaN if it is not defined}
     *
     * @param nll in nats per example
     * @param features D
     */
    public double of(double nll, int features) {
        return nll / (features * LOG_2) + offset;
    }
}
