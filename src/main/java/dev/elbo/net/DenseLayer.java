package dev.elbo.net;

import dev.elbo.backend.Ops;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.JsonFields;
import dev.elbo.tensor.Tensor;

/**
 * A dense layer, {@code y = activation(x · weightᵀ + bias)}, of a model with classes also the weights of the example's class.
 * Its settings are {@code width}, the number of outputs, and {@code picture}, their shape if they are a feature map.
 */
final class DenseLayer implements Layer {
    static final Kind<Layer> KIND = new Kind<>(
            "dense",
            DenseLayer::new,
            module -> module.rows().stream().mapToObj(Component::dense).findFirst());

    private static final String WEIGHT = "weight";
    private static final String BIAS = "bias";

    private final DenseTensors tensors;
    private final Activation activation;

    private DenseLayer(JsonFields settings, Place place) {
        int width = settings.integer("width");
        if (width < 1) {
            throw new IllegalArgumentException("width must be at least 1, not " + width);
        }
        FeatureMap outputs =
                settings.has("picture") ? FeatureMap.of(settings.integers("picture")) : FeatureMap.vector(width);
        if (outputs.size() != width) {
            throw new IllegalArgumentException(
                    "width is " + width + ", but picture " + outputs + " has " + outputs.size() + " values");
        }
        tensors = new DenseTensors(outputs, place.output(), place.shape(), place.first(), place.classes());
        activation = place.activation();
    }

    @Override
    public FeatureMap shape() {
        return tensors.outputs();
    }

    @Override
    public boolean conditional() {
        return tensors.classes() > 0;
    }

    @Override
    public void parameters(Parameters to) {
        FileTensor weight = tensors.file(WEIGHT);
        to.weight(WEIGHT, outputs(), tensors.inputs().size(), weight, tensors.weight());
        if (conditional()) {
            to.weight(DenseTensors.CLASSES, tensors.classes(), outputs(), weight, tensors.classWeight());
        }
        to.bias(BIAS, outputs(), tensors.bias());
    }

    @Override
    public void forward(Scope scope, Tensor x, Tensor y) {
        Activation behind = conditional() ? Activation.IDENTITY : activation;
        scope.ops().dense(x, scope.parameter(WEIGHT), scope.parameter(BIAS), behind, y);
        if (conditional()) {
            scope.ops().classBias(scope.labels(), scope.parameter(DenseTensors.CLASSES), activation, y);
        }
    }

    @Override
    public void backward(Scope scope, Tensor x, Tensor y, Tensor dY, Tensor dX) {
        Ops ops = scope.ops();
        ops.denseGrad(x, scope.parameter(WEIGHT), y, dY, activation, scope.gradient(WEIGHT), scope.gradient(BIAS), dX);
        if (conditional()) {
            ops.classBiasGrad(scope.labels(), dY, scope.gradient(DenseTensors.CLASSES));
        }
    }

    @Override
    public void export(OperatorGraph graph, String module, String x, String y) {
        graph.dense(module, conditional() ? graph.withClass(x, y + ".given") : x, activation, y);
    }
}
