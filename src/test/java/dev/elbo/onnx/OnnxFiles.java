package dev.elbo.onnx;

import ai.onnx.proto.OnnxMl;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reading exported files again. */
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
}
