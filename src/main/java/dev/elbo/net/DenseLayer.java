package dev.elbo.net;

import dev.elbo.backend.Ops;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.JsonFields;
import dev.elbo.tensor.Tensor;

/** A dense layer, {@code y = activation(x · weightᵀ + bias)}. Its setting is {@code width}, the number of outputs. */
final class DenseLayer implements Layer {
    static final Kind<Layer> KIND = new Kind<>(
            "dense",
            DenseLayer::new,
            module -> module.rows().stream().mapToObj(Component::dense).findFirst());

    private static final String WEIGHT = "weight";
    private static final String BIAS = "bias";

    private final int inputs;
    private final int width;
    private final Activation activation;

    private DenseLayer(JsonFields settings, Place place) {
        inputs = place.columns();
        width = settings.integer("width");
        activation = place.activation();
        if (width < 1) {
            throw new IllegalArgumentException("width must be at least 1, not " + width);
        }
    }

    @Override
    public int outputs() {
        return width;
    }

    @Override
    public void parameters(Parameters to) {
        to.weight(WEIGHT, width, inputs);
        to.bias(BIAS, width);
    }

    @Override
    public void forward(Scope scope, Tensor x, Tensor y) {
        scope.ops().dense(x, scope.parameter(WEIGHT), scope.parameter(BIAS), activation, y);
    }

    @Override
    public void backward(Scope scope, Tensor x, Tensor y, Tensor dY, Tensor dX) {
        Ops ops = scope.ops();
        ops.denseGrad(x, scope.parameter(WEIGHT), y, dY, activation, scope.gradient(WEIGHT), scope.gradient(BIAS), dX);
    }

    @Override
    public void export(OperatorGraph graph, String module, String x, String y) {
        graph.dense(module, x, activation, y);
    }
}
