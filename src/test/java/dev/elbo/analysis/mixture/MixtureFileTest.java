package dev.elbo.analysis.mixture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import dev.elbo.io.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What was stored comes back to the bit, and nothing comes back that was not stored. */
class MixtureFileTest {
    private static final String MODEL = "ab".repeat(32);

    @TempDir
    private Path folder;

    private static MixtureFile example(Covariance covariance) {
        double[] rows = new double[600];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Math.sin(i * i) + (i % 6 < 3 ? 4 : 0) + 0.3 * rows[Math.max(0, i - 1)];
        }
        GaussianMixture mixture = GaussianMixture.fit(rows, 200, 3, 3, covariance, 0, MixtureListener.NONE);
        return new MixtureFile(mixture, MODEL, Map.of("elbo.mixture.data", "waves", "a", "b"));
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenIsRead(Covariance covariance) throws IOException {
        MixtureFile written = example(covariance);
        Path file = folder.resolve(MixtureFile.NAME);
        written.write(file);
        MixtureFile read = MixtureFile.read(file);
        assertEquals(written.model(), read.model());
        assertEquals(written.notes(), read.notes());
        GaussianMixture a = written.mixture();
        GaussianMixture b = read.mixture();
        assertEquals(covariance, b.covariance());
        assertEquals(a.bic(), b.bic());
        assertArrayEquals(a.weights(), b.weights());
        assertTrue(Arrays.deepEquals(a.means(), b.means()));
        assertTrue(Arrays.deepEquals(a.covariances(), b.covariances()));
        assertArrayEquals(a.sample(50, 3), b.sample(50, 3));
        byte[] bytes = Files.readAllBytes(file);
        read.write(file);
        assertArrayEquals(bytes, Files.readAllBytes(file));
    }

    @Test
    void everyChangedByteIsNoticed() throws IOException {
        Path file = folder.resolve(MixtureFile.NAME);
        example(Covariance.FULL).write(file);
        byte[] bytes = Files.readAllBytes(file);
        for (int i = 0; i < bytes.length; i += 7) {
            byte[] changed = bytes.clone();
            changed[i] ^= 1;
            Files.write(file, changed);
            ElboException error = assertThrows(ElboException.class, () -> MixtureFile.read(file), "byte " + i);
            assertEquals(ElboException.Kind.DATA, error.kind());
        }
        Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
        assertThrows(ElboException.class, () -> MixtureFile.read(file));
    }

    /** What may be wrong with a file whose seal is right. */
    private interface Damage {
        void to(Map<String, String> metadata, Map<String, SafeTensors.Entry> tensors);
    }

    private static Damage value(String name, int at, float value) {
        return (metadata, tensors) -> tensors.get(name).values()[at] = value;
    }

    private static Damage key(String name, String value) {
        return (metadata, tensors) -> {
            if (value == null) {
                metadata.remove("elbo.mixture." + name);
            } else {
                metadata.put("elbo.mixture." + name, value);
            }
        };
    }

    static List<Arguments> damages() {
        List<Arguments> rows = new ArrayList<>();
        rows.add(Arguments.of(value("weights", 0, -0.1f), "weights are not positive"));
        rows.add(Arguments.of(value("weights", 0, 0.9999f), "of sum 1"));
        rows.add(Arguments.of(value("means", 2, Float.NaN), "'means'"));
        rows.add(Arguments.of(value("scale_tril", 0, 0), "lower triangular with a positive diagonal in row 0"));
        rows.add(Arguments.of(value("scale_tril", 13, -1), "component 1 (from 0)"));
        rows.add(Arguments.of(value("scale_tril", 1, 0.5f), "lower triangular"));
        rows.add(Arguments.of(key("components", "4"), "wrong tensors"));
        rows.add(Arguments.of(key("components", "0"), "components in the metadata is '0'"));
        rows.add(Arguments.of(key("components", "999999999"), "wrong tensors"));
        rows.add(Arguments.of(key("dimensions", "x"), "dimensions"));
        rows.add(Arguments.of(key("covariance", "round"), "'round'"));
        rows.add(Arguments.of(key("covariance", "diagonal"), "wrong tensors"));
        rows.add(Arguments.of(key("bic", "NaN"), "bic"));
        rows.add(Arguments.of(key("model_sha256", null), "model_sha256 in the metadata is missing"));
        rows.add(Arguments.of(key("model_sha256", "12"), "'12'"));
        return rows;
    }

    @ParameterizedTest
    @MethodSource("damages")
    void whatIsNoMixtureIsRefused(Damage damage, String named) {
        Path file = folder.resolve(MixtureFile.NAME);
        example(Covariance.FULL).write(file);
        SafeTensors content = SafeTensors.read(file);
        Map<String, String> metadata = new LinkedHashMap<>(content.metadata());
        damage.to(metadata, content.tensors());
        new SafeTensors(metadata, content.tensors()).write(file);
        ElboException error = assertThrows(ElboException.class, () -> MixtureFile.read(file));
        assertEquals(ElboException.Kind.DATA, error.kind());
        assertTrue(error.getMessage().startsWith(file.toString()), error.getMessage());
        assertTrue(error.getMessage().contains(named), error.getMessage());
    }

    @Test
    void whatFloat32CannotHoldIsRefused() {
        double[] huge = {1e60, 0, -1e60, 3e60};
        GaussianMixture mixture = GaussianMixture.fit(huge, 4, 1, 1, Covariance.FULL, 0, MixtureListener.NONE);
        ElboException error = assertThrows(ElboException.class, () -> new MixtureFile(mixture, MODEL, Map.of()));
        assertTrue(error.getMessage().contains("float32"), error.getMessage());
    }
}
