package dev.elbo.net;

import dev.elbo.model.FeatureMap;
import java.util.function.IntUnaryOperator;

/**
 * The weights of a dense map in files: {@code (out, in + classes)}, feature maps counted channels first, and the columns of
 * one-hot classes last. In memory feature maps are counted channels last, and the weights of classes are a matrix of their own,
 * classes × out.
 *
 * @param outputs shape of what the map gives
 * @param outputsInDataOrder whether memory counts the outputs channels first, too
 * @param inputs shape of what it takes
 * @param inputsInDataOrder whether memory counts the inputs channels first, too
 * @param classes number of classes that it is told; 0 for none
 */
record DenseTensors(
        FeatureMap outputs, boolean outputsInDataOrder, FeatureMap inputs, boolean inputsInDataOrder, int classes) {
    /** The name of the weights of classes in memory, after that of the module. */
    static final String CLASSES = "class_weight";

    private static boolean sameOrder(FeatureMap map, boolean dataOrder) {
        return dataOrder || map.channels() == 1 || map.pixels() == 1;
    }

    /** Returns the tensor in files; an output sums the inputs and, if there are classes, the weight of one of them. */
    FileTensor file(String name) {
        int told = classes > 0 ? 1 : 0;
        int columns = inputs.size() + classes;
        return FileTensor.weight(name, inputs.size() + told, outputs.size(), outputs.size(), columns);
    }

    private int row(int output) {
        return outputsInDataOrder ? output : outputs.channelsFirst(output);
    }

    private int column(int input) {
        return inputsInDataOrder ? input : inputs.channelsFirst(input);
    }

    /** Returns the places of the weight, out × in; null: the same in files. */
    IntUnaryOperator weight() {
        if (classes == 0 && sameOrder(outputs, outputsInDataOrder) && sameOrder(inputs, inputsInDataOrder)) {
            return null;
        }
        int in = inputs.size();
        return i -> row(i / in) * (in + classes) + column(i % in);
    }

    /** Returns the places of the weights of classes, classes × out. */
    IntUnaryOperator classWeight() {
        int in = inputs.size();
        int out = outputs.size();
        return i -> row(i % out) * (in + classes) + in + i / out;
    }

    /** Returns the places of the bias; null: the same in files. */
    IntUnaryOperator bias() {
        return sameOrder(outputs, outputsInDataOrder) ? null : this::row;
    }
}
