package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.Feed;
import dev.elbo.backend.Program;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a step costs the host and the device, counted on the host device. */
@OnDevice(hostOnly = true, checked = false)
class CudaProgramTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static long allocated(Runnable work) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        work.run();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    private static long calls(Runnable work) {
        long before = HostDevice.calls(null);
        work.run();
        return HostDevice.calls(null) - before;
    }

    @Test
    void aReplayIsThreeCallsHoweverMuchItHoldsAndNoGarbage() {
        for (int operations : new int[] {1, 40}) {
            try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT)) {
                Clock clock = Clock.allocate(backend);
                try (Program program = backend.record(() -> {
                    for (int i = 0; i < operations; i++) {
                        backend.ops().advance(clock, 1, 0, 0, 0);
                    }
                })) {
                    Runnable runs = () -> {
                        for (int i = 0; i < 100; i++) {
                            program.run();
                        }
                    };
                    assertEquals(300, calls(runs), "push the context, launch the graph, pop it");
                    runs.run();
                    assertEquals(0, allocated(runs) / 100, "bytes of a replay");
                    int[] counters = new int[Clock.SIZE];
                    clock.counters().read(counters);
                    assertEquals(300 * operations, counters[Clock.STEP]);
                }
                clock.counters().buffer().close();
            }
        }
    }

    @Test
    void feedingMakesNoGarbage() {
        try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT);
                Feed feed = backend.feed(ElementType.UINT8, 4, 8)) {
            Runnable feeding = () -> {
                for (int i = 0; i < 100; i++) {
                    feed.host(i % 2).put(0, (byte) i);
                    feed.send(i % 2, 4);
                    feed.release(i % 2);
                }
            };
            feeding.run();
            assertEquals(0, allocated(feeding) / 100, "bytes of a chunk");
        }
    }

    @Test
    void aStepHasNoMoreLaunchesThanThese() {
        VaeSpec spec = new VaeSpec(784, List.of(400), 20, Activation.RELU, Likelihood.BERNOULLI, false, true);
        int steps = 3;
        try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT)) {
            long before = HostDevice.launches(null);
            StepLoop.run(backend, spec, steps);
            long products = 4 + 7;
            long kernels = 1 + 4 + 1 + 1 + 4 + 1 + 1 + 1 + 1;
            // gather; bias and activation of four layers, and their gradient; reparameterization, loss, metrics, Adam,
            // clock
            assertEquals(steps * (products + kernels), HostDevice.launches(null) - before);
        }
    }

    @Test
    void anEmptyProgramRuns() {
        try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT);
                Program program = backend.record(() -> {})) {
            program.run();
            Tensor x = backend.allocate(ElementType.REAL, 1, 3);
            assertArrayEquals(new float[3], x.toFloats());
            x.buffer().close();
        }
    }
}
