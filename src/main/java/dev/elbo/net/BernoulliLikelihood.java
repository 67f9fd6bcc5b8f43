package dev.elbo.net;

import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Independent Bernoulli variables, the output being their logits. It has no settings.
 *
 * @param inputs D
 */
record BernoulliLikelihood(int inputs) implements OutputLikelihood {
    static final Kind<OutputLikelihood> KIND =
            new Kind<>("bernoulli", (settings, place) -> new BernoulliLikelihood(place.columns()));

    /**
     * Means of pixels are kept this far from 0 and 1, logits within ±6.9. A pixel that is constant in the data would start at
     * an infinite logit, and close to it the gradient vanishes: at this distance a constant pixel costs 1e-3 nats, and one
     * that is set against all experience 6.9.
     */
    static final double MIN_PROBABILITY = 1e-3;

    @Override
    public boolean binary() {
        return true;
    }

    @Override
    public void mean(Scope scope, Activations a, Tensor mean) {
        scope.ops().activate(a.output(), Activation.SIGMOID, mean);
    }

    @Override
    public void loss(Scope scope, Activations a, Tensor x, Tensor rowWeight, double scale, Tensor dOutput) {
        Tensor loss = rowWeight == null ? a.reconstruction() : null;
        scope.ops().bernoulliLoss(a.output(), x, rowWeight, scale, loss, dOutput);
    }

    @Override
    public double[] startOutput(double[] mean) {
        double[] logits = new double[mean.length];
        Arrays.setAll(logits, d -> startLogit(mean[d]));
        return logits;
    }

    static double startLogit(double mean) {
        double p = Math.min(Math.max(mean, MIN_PROBABILITY), 1 - MIN_PROBABILITY);
        return StrictMath.log(p / (1 - p));
    }

    @Override
    public double constantLogDensity(Examples data, double[] predictedMean, double[] predictedVariance) {
        double[] mean = data.mean();
        double[] logits = startOutput(predictedMean);
        double sum = 0;
        for (int d = 0; d < mean.length; d++) {
            // log p is linear in x
            sum += mean[d] * logits[d] - Math.log1p(Math.exp(-Math.abs(logits[d]))) - Math.max(logits[d], 0);
        }
        return sum;
    }

    /** Draws 1 where the uniform is below the mean, otherwise 0. */
    @Override
    public Draws draws(Function<String, double[]> parameter) {
        return (noise, x, at) -> {
            float[] uniforms = noise.uniforms();
            for (int d = 0; d < inputs; d++) {
                float mean = x[at + d];
                x[at + d] = Float.isNaN(mean) ? mean : uniforms[d] < mean ? 1 : 0;
            }
        };
    }

    @Override
    public void export(OperatorGraph graph, UnaryOperator<String> output) {
        graph.node("Sigmoid", "x_mean", List.of(output.apply("x_logits")));
        graph.output("x_logits", inputs, "the logits of p(x|z)");
    }
}
