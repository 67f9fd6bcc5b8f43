package dev.elbo.examples;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.Map;

/** An exported decoder in ONNX Runtime, without elbo. */
public final class OnnxDecoder {
    private OnnxDecoder() {}

    /** Means of p(x|z), a row a code. */
    public static float[][] decode(String file, float[][] codes) throws OrtException {
        // [shown
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(file);
                OnnxTensor z = OnnxTensor.createTensor(environment, codes);
                OrtSession.Result result = session.run(Map.of("z", z))) {
            return (float[][]) result.get("x_mean").orElseThrow().getValue();
        }
        // shown]
    }
}
