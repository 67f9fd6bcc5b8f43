package dev.elbo.net;

import dev.elbo.model.FeatureMap;
import dev.elbo.model.VaeSpec;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Layout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;

/**
 * The trained parameters of a model, as its components add them one after the other. Parameters, their gradients and the
 * moments of the optimiser have the same layout, each in an arena of its own. In memory biases are 1 × out, weights out × in;
 * {@link FileTensor} says how they lie in files.
 */
public final class Parameters {
    /**
     * The log σ² of gaussian-learned, 1 × 1 or 1 × D; in files also that of gaussian-optimal, which does not train it.
     */
    public static final String OUTPUT_LOG_VAR = "output.log_var";

    /** The log of the dispersion θ of each negative-binomial column, 1 × their number. */
    public static final String OUTPUT_LOG_DISPERSION = "output.log_dispersion";

    /**
     * One parameter in memory.
     *
     * @param joined whether it lies directly behind the last one
     * @param file the tensor in files that it is, or is a part of
     * @param places of its values in that tensor; null: the same
     */
    record Parameter(String name, int rows, int cols, boolean joined, FileTensor file, IntUnaryOperator places) {
        int place(int value) {
            return places == null ? value : places.applyAsInt(value);
        }
    }

    private final List<Parameter> all;
    private final Map<String, FileTensor> files;
    private final String module;
    private final UnaryOperator<double[]> outputStart;

    private Parameters(
            List<Parameter> all, Map<String, FileTensor> files, String module, UnaryOperator<double[]> outputStart) {
        this.all = all;
        this.files = files;
        this.module = module;
        this.outputStart = outputStart;
    }

    Parameters() {
        this(new ArrayList<>(), new LinkedHashMap<>(), "", null);
    }

    /**
     * Returns a view that adds to the same parameters those of a module.
     *
     * @param start of the last layer, its output from the means of the inputs; null for others
     */
    Parameters in(String name, UnaryOperator<double[]> start) {
        return new Parameters(all, files, name, start);
    }

    private void add(String name, int rows, int cols, boolean joined, FileTensor file, IntUnaryOperator places) {
        FileTensor full = files.computeIfAbsent(Scope.full(module, file.name()), file::named);
        all.add(new Parameter(Scope.full(module, name), rows, cols, joined, full, places));
    }

    /**
     * Adds a weight, which starts uniform within ±√(6 / (in + out)) and lies in files as in memory.
     *
     * @param name not yet taken by the component
     * @param out rows
     * @param in columns
     */
    public void weight(String name, int out, int in) {
        weight(name, out, in, FileTensor.weight(name, in, out, out, in), null);
    }

    /**
     * Adds a weight that lies in files in another order, or is a part of a tensor there.
     *
     * @param name not yet taken by the component
     * @param rows in memory
     * @param cols in memory
     * @param file the tensor in files, equal for all parts of one
     * @param places of value {@code row · cols + col} in that tensor, row-major
     */
    public void weight(String name, int rows, int cols, FileTensor file, IntUnaryOperator places) {
        add(name, rows, cols, false, file, places);
    }

    /**
     * Adds a bias, which starts at zero; one of D values in the last layer starts where the output does.
     *
     * @param name not yet taken by the component
     * @param size its values
     */
    public void bias(String name, int size) {
        bias(name, size, null);
    }

    /**
     * Adds a bias that lies in files in another order.
     *
     * @param name not yet taken by the component
     * @param size its values
     * @param places of its values in files
     */
    public void bias(String name, int size, IntUnaryOperator places) {
        FileTensor file = FileTensor.vector(
                name,
                size,
                (mean, variance) ->
                        outputStart != null && size == mean.length ? outputStart.apply(mean) : new double[size]);
        add(name, 1, size, false, file, places);
    }

    /**
     * Adds a bias of channels; in the last layer it starts where the output does at the means of the channels.
     *
     * @param name not yet taken by the component
     * @param channels its values
     */
    public void channelBias(String name, int channels) {
        FileTensor file = FileTensor.vector(name, channels, (mean, variance) -> {
            double[] means = new double[channels];
            if (outputStart == null) {
                return means;
            }
            int pixels = mean.length / channels;
            for (int d = 0; d < mean.length; d++) {
                means[d / pixels] += mean[d] / pixels;
            }
            return outputStart.apply(means);
        });
        add(name, 1, channels, false, file, null);
    }

    /**
     * Adds a vector.
     *
     * @param name not yet taken by the component
     * @param size its values
     * @param start its initial values, from the means and the variances of the inputs, D each
     */
    public void vector(String name, int size, BinaryOperator<double[]> start) {
        add(name, 1, size, false, FileTensor.vector(name, size, start), null);
    }

    /** Adds the heads of a level, the weights without gaps between them, those of classes, then the biases. */
    void heads(List<String> names, int latent, FeatureMap seen, boolean seesData, int classes) {
        String first = names.get(0);
        DenseTensors dense = new DenseTensors(FeatureMap.vector(latent), false, seen, seesData, classes);
        for (String name : names) {
            add(
                    name + ".weight",
                    latent,
                    seen.size(),
                    !name.equals(first),
                    dense.file(name + ".weight"),
                    dense.weight());
        }
        if (classes > 0) {
            names.forEach(name -> add(
                    name + "." + DenseTensors.CLASSES,
                    classes,
                    latent,
                    false,
                    dense.file(name + ".weight"),
                    dense.classWeight()));
        }
        for (String name : names) {
            FileTensor file = FileTensor.vector(name + ".bias", latent, (mean, variance) -> new double[latent]);
            add(name + ".bias", 1, latent, !name.equals(first), file, null);
        }
    }

    List<Parameter> all() {
        return Collections.unmodifiableList(all);
    }

    /** Returns the tensors in files, in their order. */
    List<FileTensor> files() {
        return List.copyOf(files.values());
    }

    /** The number of values; a double, since the product of two widths may not fit. */
    double count() {
        return all.stream().mapToDouble(p -> (double) p.rows() * p.cols()).sum();
    }

    /** {@return the shape of every tensor in files, by name} */
    public Map<String, int[]> shapes() {
        Map<String, int[]> shapes = new LinkedHashMap<>();
        files.forEach((name, file) -> shapes.put(name, file.shape()));
        return shapes;
    }

    /** {@return where the parameters lie in memory} */
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

    /**
     * Writes the values of a tensor in files to memory.
     *
     * @param file its name
     * @param values row-major
     * @param to of this layout
     */
    public void write(String file, double[] values, Arena to) {
        for (Parameter p : parts(file)) {
            double[] part = values;
            if (p.places() != null) {
                part = new double[p.rows() * p.cols()];
                for (int i = 0; i < part.length; i++) {
                    part[i] = values[p.place(i)];
                }
            }
            to.tensor(p.name()).write(part);
        }
    }

    /**
     * Writes the values of a tensor in files to memory.
     *
     * @param file its name
     * @param values row-major
     * @param to of this layout
     */
    public void write(String file, float[] values, Arena to) {
        for (Parameter p : parts(file)) {
            float[] part = values;
            if (p.places() != null) {
                part = new float[p.rows() * p.cols()];
                for (int i = 0; i < part.length; i++) {
                    part[i] = values[p.place(i)];
                }
            }
            to.tensor(p.name()).write(part);
        }
    }

    /**
     * {@return the values of a tensor as files have them, row-major}
     *
     * @param file its name
     * @param from of this layout
     */
    public float[] floats(String file, Arena from) {
        List<Parameter> parts = parts(file);
        if (parts.get(0).places() == null) {
            return from.tensor(parts.get(0).name()).toFloats();
        }
        float[] values = new float[files.get(file).size()];
        for (Parameter p : parts) {
            float[] part = from.tensor(p.name()).toFloats();
            for (int i = 0; i < part.length; i++) {
                values[p.place(i)] = part[i];
            }
        }
        return values;
    }

    /**
     * {@return the values of a tensor as files have them, row-major}
     *
     * @param file its name
     * @param from of this layout: parameters, or their gradients
     */
    public double[] doubles(String file, Arena from) {
        double[] values = new double[files.get(file).size()];
        for (Parameter p : parts(file)) {
            double[] part = from.tensor(p.name()).toDoubles();
            for (int i = 0; i < part.length; i++) {
                values[p.place(i)] = part[i];
            }
        }
        return values;
    }

    private List<Parameter> parts(String file) {
        return all.stream().filter(p -> p.file().name().equals(file)).toList();
    }
}
