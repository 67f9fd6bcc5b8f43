package dev.elbo.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** ONNX Runtime on one thread. Tensors are rows × columns, row-major. */
public final class OnnxRuntime implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    public OnnxRuntime(byte[] model) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            session = environment.createSession(model, options);
        }
    }

    /** All outputs for {@code rows} rows of each input. */
    public Map<String, float[]> run(int rows, Map<String, float[]> inputs) throws OrtException {
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, float[]> input : inputs.entrySet()) {
                long[] shape = {rows, input.getValue().length / rows};
                tensors.put(
                        input.getKey(),
                        OnnxTensor.createTensor(environment, FloatBuffer.wrap(input.getValue()), shape));
            }
            Map<String, float[]> outputs = new LinkedHashMap<>();
            try (OrtSession.Result result = session.run(tensors)) {
                result.forEach(entry -> {
                    OnnxTensor tensor = (OnnxTensor) entry.getValue();
                    TensorInfo info = tensor.getInfo();
                    if (info.getShape().length != 2 || info.getShape()[0] != rows) {
                        throw new AssertionError(entry.getKey() + " is " + info);
                    }
                    float[] values = new float[(int) info.getNumElements()];
                    tensor.getFloatBuffer().get(values);
                    outputs.put(entry.getKey(), values);
                });
            }
            return outputs;
        } finally {
            tensors.values().forEach(OnnxTensor::close);
        }
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
