package dev.elbo.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** ONNX Runtime on one thread. Tensors are rows × columns, row-major; labels are one number a row. */
public final class OnnxRuntime implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    public OnnxRuntime(byte[] model) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            session = environment.createSession(model, options);
        }
    }

    /** All outputs for {@code rows} rows of each input: values as float[], labels as long[]. */
    public Map<String, float[]> run(int rows, Map<String, ?> inputs) throws OrtException {
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, ?> input : inputs.entrySet()) {
                tensors.put(input.getKey(), tensor(rows, input.getValue()));
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

    private OnnxTensor tensor(int rows, Object values) throws OrtException {
        if (values instanceof long[] labels) {
            return OnnxTensor.createTensor(environment, LongBuffer.wrap(labels), new long[] {rows});
        }
        float[] all = (float[]) values;
        return OnnxTensor.createTensor(environment, FloatBuffer.wrap(all), new long[] {rows, all.length / rows});
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
