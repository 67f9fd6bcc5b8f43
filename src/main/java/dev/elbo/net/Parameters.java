package dev.elbo.net;

import dev.elbo.model.VaeSpec;
import dev.elbo.tensor.Layout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/**
 * The trained parameters of a model, by their names in files, as its components add them one after the other. Parameters,
 * their gradients and the moments of the optimiser have the same layout, each in an arena of its own. Biases are 1 × out,
 * weights out × in.
 */
public final class Parameters {
    /**
     * The log σ² of gaussian-learned, 1 × 1 or 1 × D; in files also that of gaussian-optimal, which does not train it.
     */
    public static final String OUTPUT_LOG_VAR = "output.log_var";

    /**
     * One parameter.
     *
     * @param shape in files: a matrix or a vector
     * @param joined whether it lies directly behind the last one
     * @param start its initial values, from the means and variances of the inputs; null: Glorot and Bengio's uniform
     */
    record Parameter(String name, int[] shape, boolean joined, BinaryOperator<double[]> start) {
        int rows() {
            return shape.length == 2 ? shape[0] : 1;
        }

        int cols() {
            return shape[shape.length - 1];
        }
    }

    private final List<Parameter> all;
    private final String module;
    private final UnaryOperator<double[]> outputStart;

    private Parameters(List<Parameter> all, String module, UnaryOperator<double[]> outputStart) {
        this.all = all;
        this.module = module;
        this.outputStart = outputStart;
    }

    Parameters() {
        this(new ArrayList<>(), "", null);
    }

    /**
     * Returns a view that adds to the same parameters those of a module.
     *
     * @param start of the last layer, its output from the means of the inputs; null for others
     */
    Parameters in(String name, UnaryOperator<double[]> start) {
        return new Parameters(all, name, start);
    }

    private void add(String name, boolean joined, BinaryOperator<double[]> start, int... shape) {
        all.add(new Parameter(Scope.full(module, name), shape, joined, start));
    }

    /**
     * Adds a weight, which starts uniform within ±√(6 / (in + out)).
     *
     * @param name not yet taken by the component
     * @param out rows
     * @param in columns
     */
    public void weight(String name, int out, int in) {
        add(name, false, null, out, in);
    }

    /**
     * Adds a bias, which starts at zero; one of D values in the last layer starts where the output does.
     *
     * @param name not yet taken by the component
     * @param size its values
     */
    public void bias(String name, int size) {
        add(
                name,
                false,
                (mean, variance) ->
                        outputStart != null && size == mean.length ? outputStart.apply(mean) : new double[size],
                size);
    }

    /**
     * Adds a vector.
     *
     * @param name not yet taken by the component
     * @param size its values
     * @param start its initial values, from the means and the variances of the inputs, D each
     */
    public void vector(String name, int size, BinaryOperator<double[]> start) {
        add(name, false, start, size);
    }

    /** Adds the heads of a level, the weights without gaps between them, then the biases. */
    void heads(List<String> names, int latent, int in) {
        String first = names.get(0);
        names.forEach(name -> add(name + ".weight", !name.equals(first), null, latent, in));
        names.forEach(name -> add(name + ".bias", !name.equals(first), (mean, variance) -> new double[latent], latent));
    }

    List<Parameter> all() {
        return Collections.unmodifiableList(all);
    }

    /** The number of values; a double, since the product of two widths may not fit. */
    double count() {
        return all.stream().mapToDouble(p -> (double) p.rows() * p.cols()).sum();
    }

    /** {@return the shape of every parameter in files, by name} */
    public Map<String, int[]> shapes() {
        Map<String, int[]> shapes = new LinkedHashMap<>();
        all.forEach(parameter -> shapes.put(parameter.name(), parameter.shape()));
        return shapes;
    }

    /** {@return where the parameters lie} */
    public Layout layout() {
        Layout layout = new Layout();
        for (Parameter p : all) {
            if (p.joined()) {
                layout.append(p.name(), p.rows(), p.cols());
            } else {
                layout.add(p.name(), p.rows(), p.cols());
            }
        }
        return layout;
    }

    /**
     * {@return the layout of a model: encoder from the input on, level, decoder from the code on, likelihood}
     *
     * @param spec the model
     * @throws IllegalArgumentException if a component does not exist
     */
    public static Layout layout(VaeSpec spec) {
        return Network.of(spec).parameters().layout();
    }
}
