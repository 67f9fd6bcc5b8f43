package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.error.ElboException;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.List;
import java.util.Random;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;

/** Opening, closing, opening again, and what waits for the device in between. */
@OnDevice(hostOnly = true, checked = false)
class CudaLifeTest {
    private static final VaeSpec SPEC = VaeSpec.mlp(24, List.of(67), 3, Activation.RELU, Likelihood.BERNOULLI, true);
    private static final int ILLEGAL_ADDRESS = 700;

    private static float[] trained() {
        try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT)) {
            return StepLoop.run(backend, SPEC, 5).weights();
        }
    }

    @Test
    void theSecondBackendTrainsAsTheFirst() {
        float[] first = trained();
        assertArrayEquals(first, trained());
        try (Backend longer = CudaBackend.open(0, CudaSettings.DEFAULT)) {
            assertArrayEquals(first, trained());
            assertArrayEquals(first, StepLoop.run(longer, SPEC, 5).weights());
        }
        assertEquals(1, HostDevice.calls("cuDevicePrimaryCtxRetain"));
        assertEquals(0, HostDevice.calls("cuDevicePrimaryCtxRelease"));
    }

    @Test
    void aDeviceThatAnotherLibraryHasResetTrainsOn() {
        float[] first = trained();
        CUdevice device = new CUdevice();
        JCudaDriver.cuDeviceGet(device, 0);
        assertEquals(0, JCudaDriver.cuDevicePrimaryCtxReset(device));
        assertArrayEquals(first, trained());
    }

    @Test
    void whoComesAfterAFaultIsToldOfIt() {
        ElboException fault;
        try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT);
                Backend other = CudaBackend.open(0, CudaSettings.DEFAULT)) {
            HostDevice.failCall("cuStreamSynchronize", 1, ILLEGAL_ADDRESS, false);
            fault = assertThrows(ElboException.class, backend::synchronize);
            assertEquals(
                    fault.getMessage(),
                    assertThrows(ElboException.class, other::synchronize).getMessage());
            ElboException later = assertThrows(ElboException.class, () -> CudaBackend.open(0, CudaSettings.DEFAULT));
            assertEquals(ElboException.Kind.DEVICE, later.kind());
            assertEquals(fault.getMessage(), later.getMessage());
            Backends.Choice choice = Backends.builder("auto").threads(1).choose();
            try (Backend cpu = choice.backend()) {
                assertEquals("cpu", cpu.name());
                assertEquals(fault.getMessage(), choice.reason().orElseThrow());
            }
            assertEquals(0, HostDevice.calls("cuDevicePrimaryCtxRelease"));
        }
        // what is dead holds no memory of the device any longer than anybody has it open
        assertEquals(1, HostDevice.calls("cuDevicePrimaryCtxRelease"));
        assertEquals(0, HostDevice.live("allocation"));
        HostDevice.fresh(false);
    }

    /** In all sizes, into the ring and around it, with reading in between: nothing is overwritten before the device has it. */
    @Test
    void writingDoesNotWaitAndNothingIsLost() {
        try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT)) {
            Tensor small = backend.allocate(ElementType.REAL, 1, 1000);
            Tensor bytes = backend.allocate(ElementType.UINT8, 1, 1001);
            Tensor doubles = backend.allocate(ElementType.FLOAT64, 1, 333);
            Tensor large = backend.allocate(ElementType.REAL, 1, 3 << 20);
            long before = HostDevice.calls("cuStreamSynchronize") + HostDevice.calls("cuEventSynchronize");
            small.write(new float[1000]);
            bytes.write(new byte[1001]);
            doubles.write(new double[333]);
            assertEquals(
                    before, HostDevice.calls("cuStreamSynchronize") + HostDevice.calls("cuEventSynchronize"), "waits");
            Random random = new Random(5);
            for (int round = 0; round < 40; round++) {
                float[] values = new float[large.cols()];
                for (int i = 0; i < values.length; i += 97) {
                    values[i] = random.nextFloat();
                }
                large.write(values);
                byte[] someBytes = new byte[1001];
                random.nextBytes(someBytes);
                bytes.write(someBytes);
                double[] someDoubles = random.doubles(333).toArray();
                doubles.write(someDoubles);
                if (round % 7 == 3) {
                    byte[] readBytes = new byte[1001];
                    bytes.read(readBytes);
                    assertArrayEquals(someBytes, readBytes);
                }
                if (round % 5 == 0) {
                    assertArrayEquals(values, large.toFloats());
                    double[] readDoubles = new double[333];
                    doubles.read(readDoubles);
                    assertArrayEquals(someDoubles, readDoubles);
                }
            }
            assertTrue(HostDevice.calls("cuEventSynchronize") > 0, "the ring went round");
            List.of(small, bytes, doubles, large)
                    .forEach(tensor -> tensor.buffer().close());
        }
    }
}
