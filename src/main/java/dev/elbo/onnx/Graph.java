package dev.elbo.onnx;

import dev.elbo.net.OperatorGraph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An ONNX graph under construction: a GraphProto with its nodes in the order in which they run. Tensors are float32, but for
 * shapes and labels, which are int64.
 * Field numbers are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
 */
final class Graph {
    private static final int FLOAT = 1;
    private static final int ATTRIBUTE_FLOAT = 1;
    private static final int ATTRIBUTE_INT = 2;
    private static final int ATTRIBUTE_INTS = 7;
    private static final int INT64 = 7;

    private final List<Message> nodes = new ArrayList<>();
    private final List<Message> initializers = new ArrayList<>();
    private final List<OnnxExport.Value> inputs = new ArrayList<>();
    private final List<OnnxExport.Value> outputs = new ArrayList<>();

    private static Message attribute(OperatorGraph.Attribute attribute) {
        Message message = new Message().string(1, attribute.name());
        if (attribute.value() instanceof Float value) {
            return message.float32(2, value).integer(20, ATTRIBUTE_FLOAT);
        }
        if (attribute.value() instanceof Integer value) {
            return message.integer(3, value).integer(20, ATTRIBUTE_INT);
        }
        for (Object value : (List<?>) attribute.value()) {
            message.integer(8, (Integer) value);
        }
        return message.integer(20, ATTRIBUTE_INTS);
    }

    /** Adds an operator with one output, which is also the node's name. Returns it. */
    String node(String operator, String output, List<String> arguments, OperatorGraph.Attribute... attributes) {
        nodes.add(new Message()
                .strings(1, arguments)
                .string(2, output)
                .string(3, output)
                .string(4, operator)
                .messages(5, Arrays.stream(attributes).map(Graph::attribute).toList()));
        return output;
    }

    /** Adds a constant, row-major; no dimensions make a scalar. Returns its name. */
    String constant(String name, int[] shape, float[] values) {
        Message tensor = new Message();
        for (int dimension : shape) {
            tensor.integer(1, dimension);
        }
        initializers.add(tensor.integer(2, FLOAT).string(8, name).rawFloats(9, values));
        return name;
    }

    /** Adds a constant vector of int64. Returns its name. */
    String integers(String name, long... values) {
        initializers.add(new Message()
                .integer(1, values.length)
                .integer(2, INT64)
                .packed(7, values)
                .string(8, name));
        return name;
    }

    /** Adds an input. Returns its name. */
    String input(OnnxExport.Value value) {
        inputs.add(value);
        return value.name();
    }

    /** Declares that a node's output of {@code batch × columns} is one of the graph's. */
    void output(OnnxExport.Value value) {
        outputs.add(value);
    }

    List<OnnxExport.Value> inputs() {
        return List.copyOf(inputs);
    }

    List<OnnxExport.Value> outputs() {
        return List.copyOf(outputs);
    }

    Message message(String name, String description) {
        return new Message()
                .messages(1, nodes)
                .string(2, name)
                .messages(5, initializers)
                .string(10, description)
                .messages(11, inputs.stream().map(Graph::valueInfo).toList())
                .messages(12, outputs.stream().map(Graph::valueInfo).toList());
    }

    private static Message valueInfo(OnnxExport.Value value) {
        Message shape = new Message().message(1, new Message().string(2, OnnxExport.BATCH));
        if (!value.isLabels()) {
            shape.message(1, new Message().integer(1, value.columns()));
        }
        Message tensor =
                new Message().integer(1, value.isLabels() ? INT64 : FLOAT).message(2, shape);
        return new Message()
                .string(1, value.name())
                .message(2, new Message().message(1, tensor))
                .string(3, value.meaning());
    }
}
