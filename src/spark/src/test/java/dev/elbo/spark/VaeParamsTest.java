package dev.elbo.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.junit.jupiter.api.Test;

/** Parameters by the conventions of Spark ML. */
class VaeParamsTest {
    private static VaeModel model() {
        return VaeModel.ofFile(Models.ofNumbers().toString());
    }

    @Test
    void eachHasDocumentationAndADefault() {
        VaeModel model = model();
        Map<String, Object> defaults = new TreeMap<>();
        for (Param<?> param : model.params()) {
            assertTrue(param.doc().length() > 10, param.name());
            assertTrue(model.explainParam(param).startsWith(param.name() + ": "), param.name());
            if (model.hasDefault(param)) {
                defaults.put(param.name(), model.getDefault(param).get());
            }
        }
        assertEquals(13, model.params().length);
        assertEquals(
                "{backend=auto, batchSize=512, classCol=, featuresCol=features, handleInvalid=error, latentCol=latent,"
                        + " reconstructionCol=, samples=16, scoreCol=score, scoreKind=elbo, seed=0, unknown=error}",
                defaults.toString());
        assertFalse(model.hasDefault(model.inputCols()));
        assertEquals(0, model.getInputCols().length);
    }

    private static VaeModel set(VaeModel model) {
        return model.setFeaturesCol("x")
                .setInputCols("a", "b")
                .setClassCol("k")
                .setLatentCol("z")
                .setScoreCol("s")
                .setReconstructionCol("r")
                .setScoreKind("likelihood")
                .setSamples(3)
                .setSeed(-4)
                .setBatchSize(7)
                .setBackend("cuda:1")
                .setHandleInvalid("keep")
                .setUnknown("missing");
    }

    private static String values(VaeModel model) {
        return String.join(
                " ",
                model.getFeaturesCol(),
                Arrays.toString(model.getInputCols()),
                model.getClassCol(),
                model.getLatentCol(),
                model.getScoreCol(),
                model.getReconstructionCol(),
                model.getScoreKind(),
                String.valueOf(model.getSamples()),
                String.valueOf(model.getSeed()),
                String.valueOf(model.getBatchSize()),
                model.getBackend(),
                model.getHandleInvalid(),
                model.getUnknown());
    }

    private static final String VALUES = "x [a, b] k z s r likelihood 3 -4 7 cuda:1 keep missing";

    @Test
    void whatIsSetIsGiven() {
        assertEquals(VALUES, values(set(model())));
    }

    @Test
    void copiesHaveTheirOwnValues() {
        VaeModel model = set(model());
        VaeModel copy = model.copy(new ParamMap().put(model.samples(), 9).put(model.scoreCol(), "t"));
        assertEquals(model.uid(), copy.uid());
        assertEquals(VALUES.replace(" s ", " t ").replace(" 3 ", " 9 "), values(copy));
        copy.setSeed(1);
        assertEquals(VALUES, values(model));
        assertEquals(model.spec(), copy.spec());
    }

    @Test
    void aModelIsSerialized() throws Exception {
        VaeModel model = set(model());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(model);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            VaeModel read = (VaeModel) in.readObject();
            assertEquals(VALUES, values(read));
            assertEquals(model.spec(), read.spec());
            assertArrayEquals(model.params(), read.params());
        }
    }

    @Test
    void valuesThatNoParameterTakesAreRefused() {
        VaeModel model = model();
        usage(() -> model.setScoreKind("kl"), "scoreKind is 'kl'; it must be one of elbo, reconstruction, likelihood");
        usage(() -> model.setSamples(0), "samples is '0'; it must be at least 1");
        usage(() -> model.setBatchSize(-1), "batchSize is '-1'; it must be at least 1");
        usage(() -> model.setBackend("gpu"), "backend is 'gpu'; it must be one of auto, cpu, reference, cuda, cuda:N");
        usage(() -> model.setHandleInvalid("drop"), "handleInvalid is 'drop'", "error, skip, keep");
        usage(() -> model.setUnknown("skip"), "unknown is 'skip'", "error, missing");
        usage(() -> model.copy(new ParamMap().put(model.samples(), 0)), "samples is '0'");
        usage(() -> model.set("samples", 0), "samples is '0'");
        usage(() -> model.setScoreCol(null), "scoreCol is 'null'; it must be the name of a column");
        usage(() -> model.setInputCols("a", null), "inputCols is ", "it must hold names of columns");
    }

    private static void usage(Runnable work, String... words) {
        Sessions.refused(ElboException.Kind.USAGE, work, words);
    }

    @Test
    void aModelSaysWhatItIs() {
        VaeModel model = model();
        assertTrue(model.uid().startsWith("vae_"), model.uid());
        assertEquals("VaeModel: uid=" + model.uid() + ", " + model.spec().summary(), model.toString());
    }
}
