package dev.elbo.onnx;

import dev.elbo.backend.LogVariance;
import dev.elbo.io.SafeTensors;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Parameters;
import dev.elbo.net.StoredModel;
import java.util.Arrays;
import java.util.List;

/** The graph of a variational autoencoder. A layer's output has the layer's name. */
final class VaeGraph {
    private static final int[] SCALAR = {};

    private final Graph graph = new Graph();
    private final StoredModel model;
    private final VaeSpec spec;
    private final Affine data;

    /** @param data null where the model takes data as they are */
    VaeGraph(StoredModel model, Affine data) {
        this.model = model;
        this.spec = model.spec();
        this.data = data;
        if (data != null) {
            data.requireFits(spec);
        }
    }

    /** Builds the graph; callable once. */
    Graph graph(OnnxExport.Part part) {
        if (data != null) {
            graph.constant("x.offset", new int[] {spec.inputs()}, floats(data.offset()));
            graph.constant("x.scale", new int[] {spec.inputs()}, floats(data.scale()));
        }
        switch (part) {
            case ENCODER -> {
                encode();
                posterior();
            }
            case DECODER -> {
                decode(graph.input(code("z", "a code")));
            }
            case WHOLE -> {
                encode();
                decode(spec.stochastic() ? sample() : "mu");
                posterior();
                if (spec.stochastic()) {
                    graph.output(code("z", "the code, mu + exp(log_var / 2) * noise"));
                }
            }
        }
        return graph;
    }

    private void encode() {
        String h = graph.input(example("x", "an example a row, in the unit of the training data"));
        if (data != null) {
            // x is near the offset, so the first difference is exact; the second takes what float32 left of the offset
            double[] rest = Arrays.stream(data.offset()).map(v -> v - (float) v).toArray();
            graph.constant("x.offset_rest", new int[] {spec.inputs()}, floats(rest));
            graph.node("Sub", "x.shifted", List.of(h, "x.offset"));
            graph.node("Sub", "x.centered", List.of("x.shifted", "x.offset_rest"));
            h = graph.node("Div", "x.standardized", List.of("x.centered", "x.scale"));
        }
        for (int i = 0; i < spec.hidden().size(); i++) {
            h = dense("encoder." + i, h, spec.activation());
        }
        linear("mu", h, "mu");
        if (spec.stochastic()) {
            linear("log_var", h, "log_var.unbounded");
            graph.constant("log_var.min", SCALAR, new float[] {LogVariance.MIN});
            graph.constant("log_var.max", SCALAR, new float[] {LogVariance.MAX});
            graph.node("Clip", "log_var", List.of("log_var.unbounded", "log_var.min", "log_var.max"));
        }
    }

    private void posterior() {
        graph.output(code("mu", spec.stochastic() ? "the mean of q(z|x)" : "the code"));
        if (spec.stochastic()) {
            graph.output(code("log_var", "the log of the variance of q(z|x)"));
        }
    }

    private String sample() {
        graph.input(code("noise", "draws from N(0, 1); zeros give z = mu"));
        graph.constant("z.half", SCALAR, new float[] {0.5f});
        graph.node("Mul", "z.log_sigma", List.of("log_var", "z.half"));
        graph.node("Exp", "z.sigma", List.of("z.log_sigma"));
        graph.node("Mul", "z.deviation", List.of("z.sigma", "noise"));
        return graph.node("Add", "z", List.of("mu", "z.deviation"));
    }

    private void decode(String z) {
        String h = z;
        for (int i = 0; i < spec.hidden().size(); i++) {
            h = dense("decoder." + i, h, spec.activation());
        }
        graph.output(example("x_mean", "the mean of p(x|z)"));
        if (spec.likelihood() == Likelihood.BERNOULLI) {
            linear("output", h, "x_logits");
            graph.node("Sigmoid", "x_mean", List.of("x_logits"));
            graph.output(example("x_logits", "the logits of p(x|z)"));
            return;
        }
        if (data == null) {
            linear("output", h, "x_mean");
        } else {
            linear("output", h, "output");
            graph.node("Mul", "output.scaled", List.of("output", "x.scale"));
            graph.node("Add", "x_mean", List.of("output.scaled", "x.offset"));
        }
        float[] logVar = outputLogVar();
        graph.constant("x_log_var.row", new int[] {logVar.length}, logVar);
        graph.node("Shape", "x_mean.shape", List.of("x_mean"));
        graph.node("Expand", "x_log_var", List.of("x_log_var.row", "x_mean.shape"));
        graph.output(example("x_log_var", "the log of the variance of p(x|z)"));
    }

    /** {@return the clamped log variance in the unit of the data: 1 value, or D} */
    private float[] outputLogVar() {
        SafeTensors.Entry stored = model.tensors().get(Parameters.OUTPUT_LOG_VAR);
        float[] values = stored == null ? new float[1] : stored.values().clone();
        for (int d = 0; d < values.length; d++) {
            values[d] = LogVariance.clamp(values[d]);
        }
        if (data == null) {
            return values;
        }
        float[] perFeature = values.length == 1 ? new float[spec.inputs()] : values;
        if (values.length == 1) {
            Arrays.fill(perFeature, values[0]);
        }
        for (int d = 0; d < perFeature.length; d++) {
            perFeature[d] += (float) (2 * StrictMath.log(data.scale()[d]));
        }
        return perFeature;
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int d = 0; d < floats.length; d++) {
            floats[d] = (float) values[d];
        }
        return floats;
    }

    private String dense(String layer, String x, Activation activation) {
        if (activation == Activation.IDENTITY) {
            return linear(layer, x, layer);
        }
        List<String> input = List.of(linear(layer, x, layer + ".linear"));
        return switch (activation) {
            case IDENTITY -> throw new IllegalStateException("handled above");
            case RELU -> graph.node("Relu", layer, input);
            case LEAKY_RELU -> graph.node("LeakyRelu", layer, input, Graph.attribute("alpha", (float) Activation.LEAK));
            case ELU -> graph.node("Elu", layer, input, Graph.attribute("alpha", 1f));
            case TANH -> graph.node("Tanh", layer, input);
            case SIGMOID -> graph.node("Sigmoid", layer, input);
            case SOFTPLUS -> graph.node("Softplus", layer, input);
        };
    }

    /** x · weightᵀ + bias. */
    private String linear(String layer, String x, String output) {
        String weight = weight(layer + ".weight");
        String bias = weight(layer + ".bias");
        return graph.node("Gemm", output, List.of(x, weight, bias), Graph.attribute("transB", 1));
    }

    private String weight(String name) {
        SafeTensors.Entry entry = model.tensors().get(name);
        return graph.constant(name, entry.shape(), entry.values());
    }

    private OnnxExport.Value example(String name, String meaning) {
        return new OnnxExport.Value(name, spec.inputs(), meaning);
    }

    private OnnxExport.Value code(String name, String meaning) {
        return new OnnxExport.Value(name, spec.latent(), meaning);
    }
}
