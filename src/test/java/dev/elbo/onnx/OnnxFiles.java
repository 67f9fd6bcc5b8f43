package dev.elbo.onnx;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Reading exported files again, and changing them. */
final class OnnxFiles {
    private OnnxFiles() {}

    static byte[] bytes(Path folder, OnnxExport export) throws IOException {
        Path file = folder.resolve("export.onnx");
        export.write(file);
        return Files.readAllBytes(file);
    }

    static float[] values(OnnxMl.TensorProto tensor) {
        float[] values = new float[tensor.getRawData().size() / Float.BYTES];
        tensor.getRawData()
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        return values;
    }

    /** The operator of a name. */
    static OnnxMl.NodeProto.Builder node(OnnxMl.GraphProto.Builder graph, String name) {
        return graph.getNodeBuilderList().stream()
                .filter(node -> node.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The attribute of an operator. */
    static OnnxMl.AttributeProto.Builder attribute(OnnxMl.GraphProto.Builder graph, String node, String name) {
        return node(graph, node).getAttributeBuilderList().stream()
                .filter(attribute -> attribute.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Changes a constant of float32. */
    static void change(OnnxMl.GraphProto.Builder graph, String name, Consumer<float[]> edit) {
        OnnxMl.TensorProto.Builder tensor = graph.getInitializerBuilderList().stream()
                .filter(initializer -> initializer.getName().equals(name))
                .findFirst()
                .orElseThrow();
        float[] values = values(tensor.build());
        edit.accept(values);
        ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        tensor.setRawData(ByteString.copyFrom(raw));
    }
}
