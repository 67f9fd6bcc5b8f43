package dev.elbo.serve;

import static dev.elbo.analysis.AnomalyScore.NEGATIVE_ELBO;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import dev.elbo.net.StoredModel;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service of a model whose file is in memory. */
class ServiceInMemoryTest {
    @TempDir
    private Path folder;

    private Path file;
    private byte[] content;

    @BeforeEach
    void model() throws IOException {
        file = VaeServiceTest.model(folder);
        content = Files.readAllBytes(file);
    }

    private static VaeService open(VaeService.Builder builder) {
        return builder.backend("reference").replicas(2).batchSize(4).samples(5).build();
    }

    @Test
    void itAnswersAsOneOfTheFileDoes() {
        float[] x = new float[11 * 100];
        Noise.uniforms(3, 0, NoiseStream.BINARIZE, 0, 0, x.length, x, 0);
        StoredModel model = StoredModel.read("elsewhere", content);
        try (VaeService expected = open(VaeService.builder(file));
                VaeService service = open(VaeService.builder("elsewhere", model))) {
            assertArrayEquals(expected.encode(x), service.encode(x));
            assertArrayEquals(expected.anomalyScores(x, NEGATIVE_ELBO), service.anomalyScores(x, NEGATIVE_ELBO));
            assertEquals(expected.metadata(), service.metadata());
            assertEquals("elsewhere", service.inputs().model());
        }
    }

    @Test
    void whatIsDamagedIsRefusedByItsName() {
        byte[] cut = Arrays.copyOf(content, content.length - 1);
        refused(cut, "hdfs://a/b: ");
        content[content.length - 1] ^= 1;
        refused(content, "hdfs://a/b: its content differs");
        refused(new byte[0], "hdfs://a/b: is not a safetensors file");
    }

    private static void refused(byte[] content, String problem) {
        ElboException refused = assertThrows(ElboException.class, () -> StoredModel.read("hdfs://a/b", content));
        assertEquals(ElboException.Kind.DATA, refused.kind());
        assertTrue(refused.getMessage().startsWith(problem), refused.getMessage());
    }
}
