package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.cuda.embed.ElboKernels;
import dev.elbo.cuda.embed.ElboKernels.Validation;
import dev.elbo.cuda.embed.ReconstructionLoss;
import dev.elbo.cuda.embed.ReconstructionLoss.Likelihood;
import dev.elbo.error.ElboException;
import java.util.concurrent.CompletableFuture;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What single kernels tell of faults of the program that they are used in, and of a context that it has destroyed. */
@OnDevice(hostOnly = true)
class EmbedFaultsTest {
    private static final String AGAIN = "cannot be used again";

    private EmbedMemory memory;
    private CUstream stream;
    private CUdeviceptr clock;

    @BeforeEach
    void makeContext() {
        memory = new EmbedMemory();
        stream = memory.stream();
        clock = memory.ints(0, 0, 0, 0);
    }

    /** What a fault and a context that is destroyed too soon leave, nobody can give back. */
    @AfterEach
    void forget() {
        JCudaDriver.setExceptionsEnabled(false);
        HostDevice.fresh(true);
    }

    private void advance(ElboKernels kernels) {
        kernels.advance(stream, clock, 1, 0, 0, 0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCheckedCallTellsTheFaultThatWasThereBefore(boolean exceptions) {
        ElboKernels kernels = ElboKernels.load(Validation.DRIVER);
        CUdeviceptr gone = memory.ints(0, 0, 0, 0);
        memory.free(gone);
        ElboKernels theirs = ElboKernels.load();
        theirs.advance(stream, gone, 1, 0, 0, 0);
        assertEquals(700, JCudaDriver.cuStreamSynchronize(stream));
        JCudaDriver.setExceptionsEnabled(exceptions);
        for (int i = 0; i < 2; i++) {
            ElboException told = assertThrows(ElboException.class, () -> advance(kernels));
            assertEquals(ElboException.Kind.DEVICE, told.kind());
            for (String part : new String[] {
                "cuStreamGetCtx failed with CUDA_ERROR_ILLEGAL_ADDRESS (700)",
                ", of an earlier call or launch of this program; the device " + AGAIN
            }) {
                assertTrue(told.getMessage().contains(part), told.getMessage());
            }
        }
        kernels.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"cuCtxGetCurrent", "cuStreamGetCtx", "cuPointerGetAttribute", "cuMemGetAddressRange"})
    void aQuestionThatFailsIsToldWithItsCode(String question) {
        try (ElboKernels kernels = ElboKernels.load(Validation.DRIVER)) {
            HostDevice.failCall(question, 1, 999, false);
            ElboException told = assertThrows(ElboException.class, () -> advance(kernels));
            assertEquals(ElboException.Kind.DEVICE, told.kind());
            assertTrue(
                    told.getMessage().contains(question + " failed with CUDA_ERROR_UNKNOWN (999)"), told.getMessage());
            assertFalse(told.getMessage().contains(AGAIN), told.getMessage());
            advance(kernels);
            memory.synchronize();
        }
    }

    private static void destroyed(Runnable call) {
        IllegalStateException told = assertThrows(IllegalStateException.class, call::run);
        assertTrue(
                told.getMessage()
                        .endsWith(": the kernels' context was destroyed before they were closed; close them first"),
                told.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "checked", "exceptions", "checked exceptions"})
    void aContextThatWasDestroyedIsCalledSo(String how) throws Exception {
        ElboKernels kernels = ElboKernels.load(how.contains("checked") ? Validation.DRIVER : Validation.ARGUMENTS);
        ReconstructionLoss loss = kernels.reconstructionLoss(Likelihood.GAUSSIAN_SHARED_VARIANCE, 1, 1, 1);
        memory.close();
        JCudaDriver.setExceptionsEnabled(how.contains("exceptions"));
        destroyed(() -> advance(kernels));
        destroyed(loss::close);
        // the destroyed one may still be another thread's
        CompletableFuture.runAsync(() -> {
                    JCudaDriver.cuCtxPushCurrent(memory.context());
                    destroyed(() -> advance(kernels));
                })
                .get();
        memory = new EmbedMemory();
        destroyed(() -> advance(kernels));
        destroyed(kernels::close);
        kernels.close();
        // nothing is the matter with the device
        stream = memory.stream();
        clock = memory.ints(0, 0, 0, 0);
        try (ElboKernels others = ElboKernels.load(Validation.DRIVER)) {
            advance(others);
            memory.synchronize();
            assertEquals(1, memory.readInts(clock, 4)[0]);
        }
    }

    @Test
    void aPrimaryContextThatWasDestroyedIsNoDeadDevice() {
        try (CudaBackend backend = CudaBackend.open(0, CudaSettings.DEFAULT)) {
            var x = backend.allocate(dev.elbo.tensor.ElementType.INT32, 1);
            HostDevice.failCall("cuStreamSynchronize", 1, 709, false);
            for (int i = 0; i < 2; i++) {
                ElboException told = assertThrows(ElboException.class, () -> x.read(0, new int[1], 0, 1));
                assertEquals(ElboException.Kind.DEVICE, told.kind());
                assertTrue(told.getMessage().contains("another part of this program has reset the device"), "" + told);
                assertFalse(told.getMessage().contains(AGAIN), told.getMessage());
            }
        }
        CudaBackend.open(0, CudaSettings.DEFAULT).close();
    }
}
