package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.Program;
import dev.elbo.backend.Yardstick;
import dev.elbo.model.Activation;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the CUDA backend is timed with. */
@OnDevice
class CudaYardstickTest {
    @Test
    void theDeviceTellsTheTime() {
        try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT);
                Yardstick yardstick = backend.yardstick()) {
            assertTrue(yardstick.byDevice());
            assertThrows(IllegalStateException.class, yardstick::seconds);
            Clock clock = Clock.allocate(backend);
            long before = System.nanoTime();
            yardstick.start();
            assertThrows(IllegalStateException.class, yardstick::seconds);
            backend.ops().advance(clock, 1, 0, 0, 0);
            yardstick.stop();
            double seconds = yardstick.seconds();
            double wall = (System.nanoTime() - before) * 1e-9;
            assertTrue(seconds >= 0 && seconds <= wall, seconds + " of " + wall);
            assertEquals(seconds, yardstick.seconds());
            yardstick.start();
            assertThrows(IllegalStateException.class, yardstick::seconds, "not stopped again");
            clock.counters().buffer().close();
        }
    }

    @Test
    void aCopyCopiesAndAProductMultiplies() {
        try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT);
                Yardstick yardstick = backend.yardstick()) {
            Tensor x = backend.allocate(ElementType.REAL, 2, 3);
            Tensor weight = backend.allocate(ElementType.REAL, 2, 3);
            Tensor y = backend.allocate(ElementType.REAL, 2, 2);
            Tensor copy = backend.allocate(ElementType.REAL, 3, 2);
            x.write(new float[] {1, 2, 3, 4, 5, 6});
            weight.write(new float[] {1, 0, 1, 0, 1, 0});
            yardstick.product(x, weight, y);
            yardstick.copy(x, copy);
            assertArrayEquals(new float[] {4, 2, 10, 5}, y.toFloats());
            assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, copy.toFloats());
            assertThrows(IllegalArgumentException.class, () -> yardstick.copy(x, y));
            for (Tensor tensor : new Tensor[] {x, weight, y, copy}) {
                tensor.buffer().close();
            }
        }
    }

    @Test
    void launchesOfProgramsAreCounted() {
        try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT);
                Yardstick yardstick = backend.yardstick()) {
            Tensor x = backend.allocate(ElementType.REAL, 1, 8);
            Tensor y = backend.allocate(ElementType.REAL, 1, 8);
            Tensor beside = backend.allocate(ElementType.REAL, 1, 8);
            try (Program program = backend.record(() -> {
                for (int i = 0; i < 4; i++) {
                    backend.ops().activate(x, Activation.RELU, y);
                }
                backend.ops().activate(x, Activation.RELU, beside);
            })) {
                assertEquals(0, yardstick.counts().launches());
                program.run();
                program.run();
                assertEquals(10, yardstick.counts().launches());
                assertEquals(8, yardstick.counts().depth());
            }
            for (Tensor tensor : new Tensor[] {x, y, beside}) {
                tensor.buffer().close();
            }
        }
    }

    @Test
    void itSaysWhatTimesDependOn() {
        try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT);
                Yardstick yardstick = backend.yardstick()) {
            assertTrue(
                    yardstick.facts().keySet().containsAll(Set.of("device", "driver_cuda", "cublas")),
                    yardstick.facts().toString());
            assertTrue(backend.description().contains(yardstick.facts().get("device")), backend.description());
        }
    }

    @Test
    void closingTheBackendFirstIsFine() {
        Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT);
        Yardstick yardstick = backend.yardstick();
        backend.close();
        yardstick.close();
        assertThrows(IllegalStateException.class, yardstick::start);
        assertThrows(IllegalStateException.class, backend::yardstick);
    }
}
