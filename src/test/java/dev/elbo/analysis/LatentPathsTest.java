package dev.elbo.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.TinyModel;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class LatentPathsTest {
    @Test
    void linesAreCutEqually() {
        assertArrayEquals(
                new float[] {0, 4, 0.5f, 3, 1, 2},
                LatentPaths.linear(new float[] {0, 4}, new float[] {1, 2}, 3),
                1e-7f);
    }

    @Test
    void spheresAreKeptTo() {
        float[] a = {3, 0, 0};
        float[] b = {0, 3, 0};
        float[] path = LatentPaths.spherical(a, b, 4);
        for (int i = 0; i < 4; i++) {
            double angle = i * Math.PI / 6;
            assertEquals(3 * Math.cos(angle), path[3 * i], 1e-6);
            assertEquals(3 * Math.sin(angle), path[3 * i + 1], 1e-6);
            assertEquals(0, path[3 * i + 2]);
        }
        float[] same = LatentPaths.spherical(a, new float[] {6, 0, 0}, 3);
        assertArrayEquals(new float[] {3, 0, 0, 4.5f, 0, 0, 6, 0, 0}, same, 1e-6f);
        assertArrayEquals(new float[6], LatentPaths.spherical(new float[3], new float[3], 2));
        assertThrows(IllegalArgumentException.class, () -> LatentPaths.spherical(a, new float[] {-1, 0, 0}, 3));
    }

    @Test
    void oneUnitMovesAtATime() {
        assertArrayEquals(
                new float[] {7, 8, -2, 7, 8, 0, 7, 8, 2, -2, 8, 9, 0, 8, 9, 2, 8, 9},
                LatentPaths.traversal(new float[] {7, 8, 9}, new int[] {2, 0}, 2, 3));
    }

    @Test
    void unitsThatVaryComeFirst() {
        assertArrayEquals(
                new int[] {2, 0, 1}, LatentPaths.byVariance(new float[] {1, 100, 5, 2, 100, -5, 3, 100.5f, 9}, 3));
    }

    /** More codes than a chunk has rows, each decoded to what the reconstruction from the same code is. */
    @Test
    void decodingCodesIsReconstructing() {
        VaeSpec spec = VaeSpec.mlp(6, List.of(5), 2, Activation.TANH, Likelihood.BERNOULLI, true);
        int n = 2 * Chunks.ROWS + 100;
        float[] values = new float[n * 6];
        Noise.uniforms(4, 0, NoiseStream.BINARIZE, 0, 0, values.length, values, 0);
        Dataset data = Dataset.of("grey", values, 6);
        float[][] images = new float[2][];
        for (int i = 0; i < 2; i++) {
            try (Backend backend = Backends.open(i == 0 ? "cpu" : "reference")) {
                try (TinyModel model = new TinyModel(backend, spec, 1, 1);
                        DataSource source = DataSource.of(backend, data, DataPlacement.RESIDENT)) {
                    Inference inference = new Inference(model.vae, 0);
                    float[] codes = inference.encode(source, false);
                    images[i] = inference.decode(codes);
                    assertArrayEquals(inference.reconstruct(source), images[i], i == 0 ? 0 : 1e-6f);
                    float[] one = inference.decode(LatentPaths.row(codes, 2, n - 1));
                    assertArrayEquals(LatentPaths.row(images[i], 6, n - 1), one, 1e-6f);
                    assertThrows(IllegalArgumentException.class, () -> inference.decode(new float[3]));
                    assertThrows(IllegalArgumentException.class, () -> inference.decode(new float[0]));
                }
                assertTrue(backend.openBuffers().isEmpty());
            }
        }
        assertArrayEquals(images[0], images[1], 1e-5f);
    }
}
