package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.management.ThreadMXBean;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Precision;
import dev.elbo.backend.Program;
import dev.elbo.backend.UploadBuffers;
import dev.elbo.model.Activation;
import dev.elbo.noise.NoiseStream;
import dev.elbo.tensor.Closer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
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
                Tensor clockless = backend.allocate(ElementType.REAL, 1, 8);
                Tensor out = backend.allocate(ElementType.REAL, 1, 8);
                try (Program program = backend.record(() -> {
                    for (int i = 0; i < operations; i++) {
                        backend.ops().activate(clockless, Activation.RELU, out);
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
                for (Tensor tensor : new Tensor[] {clock.counters(), clockless, out}) {
                    tensor.buffer().close();
                }
            }
        }
    }

    /** Steps of one program read clocks that are made ahead; whoever looks sees those of the plain order. */
    @Test
    void clocksWithinAProgramAreThoseOfThePlainOrder() {
        List<float[]> expected = null;
        for (CudaSettings settings : List.of(new CudaSettings(Precision.FP32, false, false), CudaSettings.DEFAULT)) {
            for (boolean recorded : new boolean[] {false, true}) {
                List<float[]> found = drawnByTwoClocks(settings, recorded);
                expected = expected == null ? found : expected;
                for (int i = 0; i < expected.size(); i++) {
                    assertArrayEquals(expected.get(i), found.get(i), "draw " + i + ", recorded " + recorded);
                }
            }
        }
    }

    private static List<float[]> drawnByTwoClocks(CudaSettings settings, boolean recorded) {
        int draws = 3 * Clocks.CAPACITY;
        HostDevice.checked(true);
        try (Backend backend = CudaBackend.open(0, settings);
                Closer closer = new Closer()) {
            Clock[] clocks = {Clock.allocate(backend), Clock.allocate(backend)};
            Tensor out = closer.register(backend.allocate(ElementType.REAL, draws, 8));
            for (Clock clock : clocks) {
                closer.register(clock.counters().buffer());
                clock.set(5, 6, 7, 8);
            }
            Runnable all = () -> {
                for (int i = 0; i < draws; i++) {
                    // one goes on in equal steps for a while, the other now and then, and both beyond what there is
                    // room for
                    Clock clock = clocks[i % 7 == 6 ? 1 : 0];
                    backend.ops().normal(NoiseSource.perExample(9, NoiseStream.LATENT, clock), out.rows(i, 1));
                    backend.ops().advance(clock, 1 + i / 50, i, 1, 2);
                }
            };
            if (recorded) {
                assertThrows(
                        IllegalStateException.class,
                        () -> backend.record(() -> {
                            backend.ops().advance(clocks[0], 1, 1, 1, 1);
                            throw new IllegalStateException("seeded: what was recorded is forgotten");
                        }));
                try (Program program = backend.record(all)) {
                    program.run();
                }
            } else {
                all.run();
            }
            List<float[]> found = new ArrayList<>();
            for (int i = 0; i < draws; i++) {
                found.add(out.rows(i, 1).toFloats());
            }
            for (Clock clock : clocks) {
                int[] counters = new int[Clock.SIZE];
                clock.counters().read(counters);
                found.add(new float[] {counters[0], counters[1], counters[2], counters[3]});
            }
            return found;
        }
    }

    @Test
    void feedingMakesNoGarbage() {
        try (Backend backend = CudaBackend.open(0, CudaSettings.DEFAULT);
                UploadBuffers uploads = backend.uploadBuffers(ElementType.UINT8, 4, 8)) {
            Runnable feeding = () -> {
                for (int i = 0; i < 100; i++) {
                    uploads.hostBuffer(i % 2).put(0, (byte) i);
                    uploads.upload(i % 2, 4);
                    uploads.release(i % 2);
                }
            };
            // what is allocated once, as when a method is linked, is no garbage of a chunk
            long least = Math.min(allocated(feeding), allocated(feeding));
            assertEquals(0, Math.min(least, allocated(feeding)) / 100, "bytes of a chunk");
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
