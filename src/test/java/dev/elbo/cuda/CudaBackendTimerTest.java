package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.Backend;
import dev.elbo.backend.BackendTimer;
import dev.elbo.backend.Clock;
import dev.elbo.backend.Program;
import dev.elbo.model.Activation;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the CUDA backend is timed with. */
@OnDevice
class CudaBackendTimerTest {
    @Test
    void theDeviceTellsTheTime() {
        try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT);
                BackendTimer timer = backend.timer()) {
            assertTrue(timer.usesDeviceClock());
            assertThrows(IllegalStateException.class, timer::seconds);
            Clock clock = Clock.allocate(backend);
            long before = System.nanoTime();
            timer.start();
            assertThrows(IllegalStateException.class, timer::seconds);
            backend.ops().advance(clock, 1, 0, 0, 0);
            timer.stop();
            double seconds = timer.seconds();
            double wall = (System.nanoTime() - before) * 1e-9;
            assertTrue(seconds >= 0 && seconds <= wall, seconds + " of " + wall);
            assertEquals(seconds, timer.seconds());
            timer.start();
            assertThrows(IllegalStateException.class, timer::seconds, "not stopped again");
            clock.counters().buffer().close();
        }
    }

    @Test
    void aCopyCopiesAndAProductMultiplies() {
        try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT);
                BackendTimer timer = backend.timer()) {
            Tensor x = backend.allocate(ElementType.REAL, 2, 3);
            Tensor weight = backend.allocate(ElementType.REAL, 2, 3);
            Tensor y = backend.allocate(ElementType.REAL, 2, 2);
            Tensor copy = backend.allocate(ElementType.REAL, 3, 2);
            x.write(new float[] {1, 2, 3, 4, 5, 6});
            weight.write(new float[] {1, 0, 1, 0, 1, 0});
            timer.product(x, weight, y);
            timer.copy(x, copy);
            assertArrayEquals(new float[] {4, 2, 10, 5}, y.toFloats());
            assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, copy.toFloats());
            assertThrows(IllegalArgumentException.class, () -> timer.copy(x, y));
            for (Tensor tensor : new Tensor[] {x, weight, y, copy}) {
                tensor.buffer().close();
            }
        }
    }

    @Test
    void launchesOfProgramsAreCounted() {
        try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT);
                BackendTimer timer = backend.timer()) {
            Tensor x = backend.allocate(ElementType.REAL, 1, 8);
            Tensor y = backend.allocate(ElementType.REAL, 1, 8);
            Tensor beside = backend.allocate(ElementType.REAL, 1, 8);
            try (Program program = backend.record(() -> {
                for (int i = 0; i < 4; i++) {
                    backend.ops().activate(x, Activation.RELU, y);
                }
                backend.ops().activate(x, Activation.RELU, beside);
            })) {
                assertEquals(0, timer.counts().launches());
                program.run();
                program.run();
                assertEquals(10, timer.counts().launches());
                assertEquals(8, timer.counts().criticalPathNodes());
            }
            for (Tensor tensor : new Tensor[] {x, y, beside}) {
                tensor.buffer().close();
            }
        }
    }

    @Test
    void itSaysWhatTimesDependOn() {
        try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT);
                BackendTimer timer = backend.timer()) {
            assertTrue(
                    timer.hardwareInfo().keySet().containsAll(Set.of("device", "driver_cuda", "cublas")),
                    timer.hardwareInfo().toString());
            assertTrue(backend.description().contains(timer.hardwareInfo().get("device")), backend.description());
        }
    }

    @Test
    void closingTheBackendFirstIsFine() {
        Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT);
        BackendTimer timer = backend.timer();
        backend.close();
        timer.close();
        assertThrows(IllegalStateException.class, timer::start);
        assertThrows(IllegalStateException.class, backend::timer);
    }
}
