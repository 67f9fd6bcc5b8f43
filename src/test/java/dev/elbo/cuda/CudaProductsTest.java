package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.Backend;
import dev.elbo.backend.BackendTimer;
import dev.elbo.backend.Precision;
import dev.elbo.error.ElboException;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** cuBLAS as it is on devices: sums in any order, several launches for a product, faults that it is the first to tell. */
@OnDevice(hostOnly = true, checked = false)
class CudaProductsTest {
    private static final VaeSpec SPEC = VaeSpec.mlp(70, List.of(67), 3, Activation.RELU, Likelihood.BERNOULLI, true);
    private static final int STEPS = 6;

    private static CudaBackend open() {
        return CudaBackend.open(0, CudaSettings.DEFAULT);
    }

    private static float[] trained() {
        try (Backend backend = open()) {
            return StepLoop.run(backend, SPEC, STEPS).weights();
        }
    }

    @Test
    void everyLaneMultipliesOnceBeforeAnythingIsCaptured() {
        try (CudaBackend backend = open()) {
            assertEquals(CudaSettings.MAX_STREAMS, HostDevice.calls("cublasGemmEx"));
            assertEquals(0, HostDevice.calls("cuStreamBeginCapture"));
            assertFalse(backend.description().contains("rounded"));
        }
    }

    @Test
    void aProductOfSeveralLaunchesChangesNothingButTheirNumber() {
        float[] expected = trained();
        HostDevice.set("product-nodes=3");
        try (Backend backend = open();
                BackendTimer timer = backend.timer()) {
            assertArrayEquals(expected, StepLoop.run(backend, SPEC, STEPS).weights());
            assertTrue(
                    timer.counts().launches() > timer.counts().planned(),
                    timer.counts().toString());
        }
    }

    @Test
    void sumsInAnotherOrderHaveOtherBits() {
        Set<Integer> seen = new HashSet<>();
        for (int seed = 0; seed < 10; seed++) {
            HostDevice.set("sums=float32,sums-seed=" + seed);
            seen.add(java.util.Arrays.hashCode(trained()));
        }
        assertTrue(seen.size() > 5, seen.size() + " different results of ten orders");
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 14})
    void aFaultThatCublasIsTheFirstToTellEndsTheDevice(int status) {
        CudaBackend backend = open();
        // the fault happened before, and cuBLAS fails for it
        HostDevice.failCall("cublasGemmEx", 1, -status, false);
        HostDevice.failCall("cuCtxSynchronize", 1, 700, false);
        ElboException told = assertThrows(ElboException.class, () -> StepLoop.run(backend, SPEC, STEPS));
        assertEquals(ElboException.Kind.DEVICE, told.kind());
        for (String part : List.of(
                "the product",
                "(" + status + ")",
                "CUDA_ERROR_ILLEGAL_ADDRESS (700)",
                "cannot be used again in this process")) {
            assertTrue(told.getMessage().contains(part), told.getMessage());
        }
        assertEquals(1, told.getMessage().lines().count());
        assertEquals(
                told.getMessage(),
                assertThrows(ElboException.class, backend::synchronize).getMessage());
        backend.close();
        HostDevice.fresh(false);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 13, 14})
    void aProductThatFailsOnAHealthyDeviceLeavesItUsable(int status) {
        float[] expected = trained();
        try (CudaBackend backend = open()) {
            HostDevice.failCall("cublasGemmEx", 1, -status, false);
            ElboException told = assertThrows(ElboException.class, () -> StepLoop.run(backend, SPEC, STEPS));
            assertEquals(ElboException.Kind.DEVICE, told.kind());
            assertFalse(told.getMessage().contains("cannot be used again"), told.getMessage());
            assertArrayEquals(expected, StepLoop.run(backend, SPEC, STEPS).weights());
        }
    }

    @ParameterizedTest
    @CsvSource({"cublasCreate, 1", "cublasGemmEx, 8", "cublasGemmEx, 13", "cublasGemmEx, 15"})
    void aCublasThatDoesNotMultiplyHereIsNone(String call, int status) {
        HostDevice.failCall(call, 1, -status, true);
        ElboException told = assertThrows(ElboException.class, CudaProductsTest::open);
        assertEquals(ElboException.Kind.UNAVAILABLE, told.kind(), told.getMessage());
        assertTrue(told.getMessage().contains("no cuBLAS that works on this device"), told.getMessage());
        assertTrue(told.getMessage().contains("(" + status + ")"), told.getMessage());
        assertTrue(told.getMessage().contains("set ELBO_CUDA_LIBRARIES"), told.getMessage());
        HostDevice.clearFailures();
        assertEquals("", HostDevice.liveReport());
        open().close();
    }

    @ParameterizedTest
    @EnumSource(names = {"TF32", "BF16"})
    void anOlderDeviceHasFloat32Only(Precision precision) {
        HostDevice.device(1, 7, 5, 1L << 30, 13000);
        ElboException told =
                assertThrows(ElboException.class, () -> CudaBackend.open(0, new CudaSettings(precision, true, false)));
        assertEquals(ElboException.Kind.UNAVAILABLE, told.kind());
        assertTrue(
                told.getMessage().contains("precision " + precision + " needs compute capability 8.0"),
                told.getMessage());
        trained();
    }
}
