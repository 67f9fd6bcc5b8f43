package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.Precision;
import dev.elbo.error.ElboException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings of the CUDA backend that come from system properties. */
class CudaSettingsTest {
    @AfterEach
    void clear() {
        System.clearProperty(CudaSettings.STREAMS);
        System.clearProperty(CudaSettings.FUSION);
    }

    @Test
    void withoutPropertiesItIsTheDefault() {
        assertEquals(CudaSettings.DEFAULT, CudaSettings.of(Precision.FP32));
        assertEquals(new CudaSettings(Precision.BF16, true, false), CudaSettings.of(Precision.BF16));
        assertEquals("", CudaSettings.DEFAULT.peculiarities());
    }

    @ParameterizedTest
    @CsvSource({"1, true, ', 1 stream'", "2, false, ', 2 streams, no fusion'", "3, false, ', no fusion'"})
    void propertiesAreTaken(String streams, String fusion, String told) {
        System.setProperty(CudaSettings.STREAMS, streams);
        System.setProperty(CudaSettings.FUSION, fusion);
        CudaSettings settings = CudaSettings.of(Precision.FP32);
        assertEquals(Integer.parseInt(streams), settings.streams());
        assertEquals(Boolean.parseBoolean(fusion), settings.fusion());
        assertEquals(told, settings.peculiarities());
    }

    @ParameterizedTest
    @CsvSource({
        "elbo.cuda.streams, 0, 1 to 3",
        "elbo.cuda.streams, 4, 1 to 3",
        "elbo.cuda.streams, two, 1 to 3",
        "elbo.cuda.fusion, off, 'true, false'"
    })
    void othersAreRefused(String property, String value, String possible) {
        System.setProperty(property, value);
        ElboException refusal = assertThrows(ElboException.class, () -> CudaSettings.of(Precision.FP32));
        assertEquals(ElboException.Kind.USAGE, refusal.kind());
        assertEquals("system property " + property + "=" + value + " is not one of " + possible, refusal.getMessage());
    }

    @Test
    void branchesNeedGraphs() {
        assertThrows(IllegalArgumentException.class, () -> new CudaSettings(Precision.FP32, false, false, 2, true));
        assertThrows(IllegalArgumentException.class, () -> new CudaSettings(Precision.FP32, true, true));
        assertTrue(
                new CudaSettings(Precision.FP32, false, false).peculiarities().isEmpty());
    }
}
