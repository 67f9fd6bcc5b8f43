package dev.elbo.onnx;

import dev.elbo.io.SafeTensors;
import dev.elbo.net.Network;
import dev.elbo.net.OperatorGraph;
import dev.elbo.net.StoredModel;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The graph of a variational autoencoder, which its components add their operators to. */
final class VaeGraph implements OperatorGraph {
    private final Graph graph = new Graph();
    private final StoredModel model;
    private final Network network;
    private final Affine data;
    private boolean classIsGiven;

    /** @param data null where the model takes data as they are */
    VaeGraph(StoredModel model, Affine data) {
        this.model = model;
        this.network = Network.of(model.spec());
        this.data = data;
        if (data != null) {
            data.requireFits(network);
        }
    }

    /** Builds the graph; callable once. */
    Graph graph(OnnxExport.Part part) {
        if (data != null) {
            vector("x.offset", data.offset());
            vector("x.scale", data.scale());
        }
        int latent = model.spec().latent();
        switch (part) {
            case ENCODER -> {
                encode();
                network.level().exportPosterior(this);
            }
            case DECODER -> decode(input("z", latent, "a code"));
            case WHOLE -> {
                encode();
                decode(network.level().exportSample(this));
                network.level().exportPosterior(this);
                if (network.stochastic()) {
                    output("z", latent, "the code, mu + exp(log_var / 2) * noise");
                }
            }
        }
        return graph;
    }

    private void encode() {
        boolean table = network.likelihood().columns().isPresent();
        String h = input(
                "x",
                inputs(),
                "an example a row, in the unit of the training data" + (table ? ", NaN where a value is missing" : ""));
        if (data != null) {
            // x is near the offset, so the first difference is exact; the second takes what float32 left of the offset
            vector(
                    "x.offset_rest",
                    Arrays.stream(data.offset()).map(v -> v - (float) v).toArray());
            node("Sub", "x.shifted", List.of(h, "x.offset"));
            node("Sub", "x.centered", List.of("x.shifted", "x.offset_rest"));
            h = node("Div", "x.standardized", List.of("x.centered", "x.scale"));
        }
        String seen = stack(network.encoder(), network.likelihood().exportInputs(this, h));
        network.level().exportHeads(this, network.headsAreConditional() ? withClass(seen, "heads.given") : seen);
    }

    private void decode(String z) {
        List<Network.Module> layers = network.decoder();
        int last = layers.size() - 1;
        String h = stack(layers.subList(0, last), z);
        output("x_mean", inputs(), "the mean of p(x|z)");
        network.likelihood().export(this, y -> export(layers.get(last), h, y));
    }

    /** Adds layers, each of whose outputs has the layer's name. */
    private String stack(List<Network.Module> layers, String x) {
        String h = x;
        for (Network.Module module : layers) {
            h = export(module, h, module.name());
        }
        return h;
    }

    private String export(Network.Module module, String x, String y) {
        module.layer().export(this, module.name(), x, y);
        return y;
    }

    private int inputs() {
        return model.spec().inputs();
    }

    private void vector(String name, double[] values) {
        float[] floats = new float[values.length];
        for (int d = 0; d < floats.length; d++) {
            floats[d] = (float) values[d];
        }
        constant(name, new int[] {floats.length}, floats);
    }

    @Override
    public String node(String operator, String output, List<String> arguments, Attribute... attributes) {
        return graph.node(operator, output, arguments, attributes);
    }

    @Override
    public String constant(String name, int[] shape, float[] values) {
        return graph.constant(name, shape, values);
    }

    @Override
    public String integers(String name, long... values) {
        return graph.integers(name, values);
    }

    @Override
    public String withClass(String x, String y) {
        if (!classIsGiven) {
            classIsGiven = true;
            graph.input(OnnxExport.Value.labels("class", "the class of each example, a whole number from 0 on"));
            integers("class.count", model.spec().classes().size());
            constant("class.values", new int[] {2}, new float[] {0, 1});
            node("OneHot", "class.one_hot", List.of("class", "class.count", "class.values"), new Attribute("axis", 1));
        }
        return node("Concat", y, List.of(x, "class.one_hot"), new Attribute("axis", 1));
    }

    @Override
    public String weight(String name) {
        SafeTensors.Entry entry = model.tensors().get(name);
        return constant(name, entry.shape(), entry.values());
    }

    @Override
    public Optional<float[]> values(String name) {
        return Optional.ofNullable(model.tensors().get(name)).map(SafeTensors.Entry::values);
    }

    @Override
    public Optional<double[]> dataScale() {
        return Optional.ofNullable(data).map(Affine::scale);
    }

    @Override
    public String input(String name, int columns, String meaning) {
        return graph.input(new OnnxExport.Value(name, columns, meaning));
    }

    @Override
    public void output(String name, int columns, String meaning) {
        graph.output(new OnnxExport.Value(name, columns, meaning));
    }
}
