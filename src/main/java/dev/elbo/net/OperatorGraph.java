package dev.elbo.net;

import dev.elbo.model.Activation;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.Patches;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * An inference graph under construction, of float32 tensors and the operators of ONNX. Every value and operator has a name
 * that is used once.
 */
public interface OperatorGraph {
    /**
     * An attribute of an operator.
     *
     * @param name as ONNX calls it
     * @param value an Integer, a Float, or a list of Integers
     */
    record Attribute(String name, Object value) {}

    /**
     * Adds an operator.
     *
     * @param operator as ONNX calls it
     * @param output name that its one output gets
     * @param arguments names of its inputs
     * @param attributes its attributes
     * @return the name of the output
     */
    String node(String operator, String output, List<String> arguments, Attribute... attributes);

    /**
     * Adds a constant.
     *
     * @param name its name
     * @param shape its dimensions; none make a scalar
     * @param values row-major
     * @return its name
     */
    String constant(String name, int[] shape, float[] values);

    /**
     * Adds a constant vector of int64.
     *
     * @param name its name
     * @param values its values
     * @return its name
     */
    String integers(String name, long... values);

    /**
     * Adds a constant scalar.
     *
     * @param name its name
     * @param value its value
     */
    default void scalar(String name, float value) {
        constant(name, new int[0], new float[] {value});
    }

    /**
     * Adds a tensor of the model as a constant, under its name in files.
     *
     * @param name in files
     * @return its name
     */
    String weight(String name);

    /**
     * {@return the values of a tensor of the model; empty if it has none of this name}
     *
     * @param name in files
     */
    Optional<float[]> values(String name);

    /**
     * {@return the factors from outputs to data, D, which are then also the constant {@code x.scale}, the shifts being {@code
     * x.offset}; empty if outputs are in the unit of the data}
     */
    Optional<double[]> dataScale();

    /**
     * Declares an input with a row for each example.
     *
     * @param name its name
     * @param columns its columns
     * @param meaning in words
     * @return its name
     */
    String input(String name, int columns, String meaning);

    /**
     * Declares that a value with a row for each example is an output.
     *
     * @param name of the value
     * @param columns its columns
     * @param meaning in words
     */
    void output(String name, int columns, String meaning);

    /**
     * Adds the one-hot columns of the class behind the columns of a value.
     *
     * @param x name of the value
     * @param y name that the result gets
     * @return that name
     */
    String withClass(String x, String y);

    /**
     * Adds {@code x · weightᵀ + bias}.
     *
     * @param module whose {@code weight} and {@code bias} are meant
     * @param x name of the input
     * @param y name that the output gets
     */
    default void affine(String module, String x, String y) {
        String weight = weight(module + ".weight");
        String bias = weight(module + ".bias");
        node("Gemm", y, List.of(x, weight, bias), new Attribute("transB", 1));
    }

    /**
     * Adds {@code activation(x · weightᵀ + bias)}.
     *
     * @param module whose {@code weight} and {@code bias} are meant
     * @param x name of the input
     * @param activation behind the affine map
     * @param y name that the output gets
     */
    default void dense(String module, String x, Activation activation, String y) {
        if (activation == Activation.IDENTITY) {
            affine(module, x, y);
        } else {
            affine(module, x, y + ".linear");
            activate(activation, y + ".linear", y);
        }
    }

    /**
     * Adds a convolution, or a transposed one, and its activation. Pictures are vectors here, channels first.
     *
     * @param operator {@code Conv} or {@code ConvTranspose}
     * @param module whose {@code weight} and {@code bias} are meant
     * @param x name of the input
     * @param patches kernel, stride and padding; of a transposed one the patches of what it gives
     * @param taken shape of the input
     * @param given shape of the output
     * @param activation behind it
     * @param y name that the output gets
     */
    default void convolution(
            String operator,
            String module,
            String x,
            Patches patches,
            FeatureMap taken,
            FeatureMap given,
            Activation activation,
            String y) {
        String shape = integers(y + ".picture_shape", -1, taken.channels(), taken.height(), taken.width());
        String picture = node("Reshape", y + ".picture", List.of(x, shape));
        int pad = patches.padding();
        List<Attribute> attributes = new ArrayList<>(List.of(
                new Attribute("kernel_shape", List.of(patches.kernel(), patches.kernel())),
                new Attribute("pads", List.of(pad, pad, pad, pad)),
                new Attribute("strides", List.of(patches.stride(), patches.stride()))));
        if (operator.equals("ConvTranspose")) {
            attributes.add(
                    0,
                    new Attribute(
                            "output_padding", List.of(rest(given.height(), patches), rest(given.width(), patches))));
            attributes.sort(Comparator.comparing(Attribute::name));
        }
        List<String> arguments = List.of(picture, weight(module + ".weight"), weight(module + ".bias"));
        node(operator, y + ".convolved", arguments, attributes.toArray(Attribute[]::new));
        activate(activation, y + ".convolved", y + ".activated");
        node("Flatten", y, List.of(y + ".activated"), new Attribute("axis", 1));
    }

    private static int rest(int side, Patches patches) {
        return (side + 2 * patches.padding() - patches.kernel()) % patches.stride();
    }

    /**
     * Adds an activation.
     *
     * @param activation what is added
     * @param x name of the input
     * @param y name that the output gets
     */
    default void activate(Activation activation, String x, String y) {
        List<String> input = List.of(x);
        switch (activation) {
            case IDENTITY -> node("Identity", y, input);
            case RELU -> node("Relu", y, input);
            case LEAKY_RELU -> node("LeakyRelu", y, input, new Attribute("alpha", (float) Activation.LEAK));
            case ELU -> node("Elu", y, input, new Attribute("alpha", 1f));
            case TANH -> node("Tanh", y, input);
            case SIGMOID -> node("Sigmoid", y, input);
            case SOFTPLUS -> node("Softplus", y, input);
        }
    }
}
