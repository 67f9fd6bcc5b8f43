package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import dev.elbo.serve.VaeService;
import dev.elbo.serve.VaeServiceTest;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service whose device fails says so, goes on saying so, and closes. */
@OnDevice(hostOnly = true, checked = false)
class ServiceFaultsTest {
    private static final int ILLEGAL_ADDRESS = 700;

    @TempDir
    private Path folder;

    @Test
    void aServiceKnowsThatItsDeviceFailed() {
        float[] x = new float[3 * 100];
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            try (VaeService service = VaeService.builder(VaeServiceTest.model(folder))
                    .backend("cuda")
                    .build()) {
                assertEquals(1, service.replicas());
                assertEquals(3 * 5, service.encode(x).length);
                assertTrue(service.healthy());
                HostDevice.failCall("cuGraphLaunch", 1, ILLEGAL_ADDRESS, false);
                ElboException fault = assertThrows(ElboException.class, () -> service.encode(x));
                assertEquals(ElboException.Kind.DEVICE, fault.kind());
                assertFalse(service.healthy());
                assertEquals(fault, service.failure().orElseThrow());
                ElboException later = assertThrows(ElboException.class, () -> service.encode(x));
                assertEquals(ElboException.Kind.DEVICE, later.kind());
                assertTrue(later.getMessage().contains("all replicas have failed"), later.getMessage());
            }
        });
        // the cuBLAS handles of a dead device's streams, which nobody can destroy
        assertEquals("3 blas", HostDevice.liveReport());
        HostDevice.fresh(false);
    }

    /** Memory that is not there while a service is built: an error that says so, and nothing left behind. */
    @Test
    void aServiceThatDoesNotFitLeavesNothing() {
        Path model = VaeServiceTest.model(folder);
        HostDevice.failCall("cuMemAlloc", 12, 2, false);
        ElboException full = assertThrows(
                ElboException.class,
                () -> VaeService.builder(model).backend("cuda").replicas(2).build());
        assertEquals(ElboException.Kind.UNAVAILABLE, full.kind());
    }
}
