package dev.elbo.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.data.Dataset;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import dev.elbo.model.Activation;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.Patches;
import dev.elbo.model.VaeSpec;
import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import dev.elbo.train.Trainer;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.logging.StreamHandler;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Ownership, recording and checks, on every backend. */
public class BackendTest {
    static List<Supplier<Backend>> backends() {
        return Backends.available(0);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void buffersCloseOnceAndRefuseUseAfterwards(Supplier<Backend> open) {
        try (Backend backend = open.get()) {
            Buffer buffer = backend.allocate(ElementType.REAL, 3);
            assertEquals(List.of(buffer), List.copyOf(backend.openBuffers()));
            buffer.close();
            buffer.close();
            assertTrue(backend.openBuffers().isEmpty());
            IllegalStateException error =
                    assertThrows(IllegalStateException.class, () -> buffer.write(0, new float[3], 0, 3));
            assertTrue(error.getMessage().contains("BackendTest"), error.getMessage());
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void leaksAreFoundWhereTheyWereMade(Supplier<Backend> open) {
        Backend backend = open.get();
        Buffer leaked = backend.allocate(ElementType.INT32, 5);
        assertTrue(leaked.origin().toString().contains("leaksAreFoundWhereTheyWereMade"), "" + leaked.origin());
        backend.close();
        assertTrue(leaked.isClosed());
        assertThrows(IllegalStateException.class, () -> backend.allocate(ElementType.INT32, 5));
    }

    private static List<String> warnings(Runnable work) {
        List<String> warnings = new CopyOnWriteArrayList<>();
        Handler handler = new StreamHandler() {
            @Override
            public void publish(LogRecord told) {
                warnings.add(new SimpleFormatter().formatMessage(told));
            }
        };
        Logger logger = Logger.getLogger(SerialBackend.class.getName());
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
        try {
            work.run();
        } finally {
            logger.setUseParentHandlers(true);
            logger.removeHandler(handler);
        }
        return warnings;
    }

    @ParameterizedTest
    @MethodSource("backends")
    void leaksAreToldInOneWarning(Supplier<Backend> open) {
        for (int count : new int[] {0, 1, 1234}) {
            Backend backend = open.get();
            StackTraceElement first =
                    count == 0 ? null : backend.allocate(ElementType.REAL, 1).origin();
            for (int i = 1; i < count; i++) {
                backend.allocate(ElementType.INT32, 1);
            }
            List<String> expected = count == 0
                    ? List.of()
                    : List.of("the " + backend.name() + " backend was closed with " + count
                            + " of its buffers still open, the first of them made at " + first
                            + "; close what uses a backend before the backend");
            assertEquals(expected, warnings(backend::close));
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void aBackendThatIsClosedBeforeItsTrainerSaysSoOnce(Supplier<Backend> open) {
        Backend backend = open.get();
        VaeSpec spec = VaeSpec.builder(2).hidden(3).latent(1).build();
        Trainer trainer = Trainer.builder(backend, spec, Split.of(Dataset.of("rows", new float[12], 2)))
                .build();
        List<String> warnings = warnings(() -> {
            backend.close();
            trainer.close();
        });
        assertEquals(1, warnings.size(), warnings.toString());
    }

    @ParameterizedTest
    @MethodSource("backends")
    void aProgramRunsWhenAskedAndRefusesClosedMemory(Supplier<Backend> open) {
        try (Backend backend = open.get()) {
            Tensor x = backend.allocate(ElementType.REAL, 2, 3);
            Tensor y = backend.allocate(ElementType.REAL, 2, 3);
            Program program = backend.record(() -> backend.ops().activate(x, Activation.RELU, y));
            x.write(new float[] {-1, 2, -3, 4, -5, 6});
            assertArrayEquals(new float[6], y.toFloats());
            program.run();
            assertArrayEquals(new float[] {0, 2, 0, 4, 0, 6}, y.toFloats());
            x.write(new float[] {1, 1, 1, 1, 1, 1});
            program.run();
            assertArrayEquals(new float[] {1, 1, 1, 1, 1, 1}, y.toFloats());
            y.buffer().close();
            assertThrows(IllegalStateException.class, program::run);
            program.close();
            assertThrows(IllegalStateException.class, program::run);
            x.buffer().close();
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void wrongArgumentsNameOperationArgumentAndShapes(Supplier<Backend> open) {
        try (Backend backend = open.get();
                Backend other = open.get()) {
            Tensor x = backend.allocate(ElementType.REAL, 2, 3);
            Tensor weight = backend.allocate(ElementType.REAL, 4, 3);
            Tensor bias = backend.allocate(ElementType.REAL, 1, 4);
            Tensor y = backend.allocate(ElementType.REAL, 2, 4);
            Ops ops = backend.ops();
            refused("dense: bias is 1 × 3, not 1 × 4", () -> ops.dense(x, weight, bias.cols(0, 3), Activation.TANH, y));
            refused("activateGrad: dB is missing", () -> ops.activateGrad(y, y, Activation.TANH, null));
            refused("activateGrad: dY overlaps another argument", () -> ops.activateGrad(y, y, Activation.TANH, bias));
            Patches patches = new Patches(new FeatureMap(1, 1, 3), 1, 1, 0, false);
            refused("unfold: unfolded is 4 × 3, not 6 × 1", () -> ops.unfold(x, patches, weight));
            refused("fold: y is 2 × 4, not 2 × 3", () -> ops.fold(x, patches, bias, Activation.TANH, y));
            refused("activate: y overlaps another argument", () -> ops.activate(x, Activation.TANH, x));
            Tensor foreign = other.allocate(ElementType.REAL, 2, 3);
            refused("activate: x belongs to another backend", () -> ops.activate(foreign, Activation.TANH, x));
            Tensor counts = backend.allocate(ElementType.INT32, 2, 3);
            refused("activate: y holds INT32, not REAL", () -> ops.activate(x, Activation.TANH, counts));
            for (Buffer buffer : backend.openBuffers()) {
                buffer.close();
            }
            foreign.buffer().close();
        }
    }

    private static void refused(String message, Runnable call) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }

    @Test
    void halvesOfOneMatrixLieSideBySide() {
        try (Backend backend = Backends.reference()) {
            Tensor both = backend.allocate(ElementType.REAL, 5, 8);
            assertTrue(!both.cols(0, 4).overlaps(both.cols(4, 4)));
            assertTrue(both.cols(0, 5).overlaps(both.cols(4, 4)));
            assertTrue(both.cols(0, 4).overlaps(both));
            assertTrue(!both.rows(0, 2).overlaps(both.rows(2, 3)));
            both.buffer().close();
        }
    }

    @Test
    void aSecondThreadIsRefusedWhileOneWorks() throws InterruptedException {
        CountDownLatch working = new CountDownLatch(1);
        CountDownLatch refused = new CountDownLatch(1);
        try (Backend backend = new Waiting(working, refused)) {
            Clock clock = Clock.allocate(backend);
            Thread first = new Thread(() -> backend.ops().advance(clock, 1, 0, 0, 0));
            backend.ops();
            first.start();
            working.await();
            IllegalStateException error = assertThrows(
                    IllegalStateException.class, () -> backend.ops().advance(clock, 1, 0, 0, 0));
            assertTrue(error.getMessage().contains("another thread"), error.getMessage());
            refused.countDown();
            first.join();
            backend.ops().advance(clock, 1, 0, 0, 0);
            clock.counters().buffer().close();
        }
    }

    @Test
    void aSecondThreadIsRefusedWhileOneRecords() throws InterruptedException {
        try (Backend backend = Backends.reference()) {
            Clock clock = Clock.allocate(backend);
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Program program = backend.record(() -> {
                backend.ops().advance(clock, 1, 0, 0, 0);
                Thread other = new Thread(() -> backend.ops().advance(clock, 100, 0, 0, 0));
                other.setUncaughtExceptionHandler((thread, e) -> thrown.set(e));
                other.start();
                try {
                    other.join();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                assertThrows(IllegalStateException.class, () -> backend.record(() -> {}));
            });
            assertInstanceOf(IllegalStateException.class, thrown.get());
            program.run();
            int[] counters = new int[Clock.SIZE];
            clock.counters().read(counters);
            assertEquals(1, counters[Clock.STEP]);
            clock.counters().buffer().close();
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void memoryThatIsNotThereLeavesNothingOpen(Supplier<Backend> open) {
        try (Backend backend = open.get()) {
            // the tests run with a heap far below 16 GiB, and on no device of 8 TiB
            long size = backend instanceof HostBackend ? Integer.MAX_VALUE - 8 : 1L << 40;
            ElboException error = assertThrows(ElboException.class, () -> backend.allocate(ElementType.FLOAT64, size));
            assertEquals(ElboException.Kind.UNAVAILABLE, error.kind());
            assertTrue(backend.openBuffers().isEmpty());
        }
    }

    @Test
    void familiesOfOpsHaveTheOperationsOfThoseOfRawOps() {
        Map<Class<?>, Class<?>> families = Map.of(
                DenseOps.class, RawOps.Dense.class,
                ConvolutionOps.class, RawOps.Convolution.class,
                ClassOps.class, RawOps.Classes.class,
                LatentOps.class, RawOps.Latent.class,
                LossOps.class, RawOps.Loss.class,
                StepOps.class, RawOps.Step.class);
        families.forEach((checked, raw) -> assertEquals(names(raw), names(checked)));
    }

    private static Set<String> names(Class<?> family) {
        return Arrays.stream(family.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** A backend whose every operation says that it works, and then waits. */
    private static final class Waiting extends HostBackend {
        private final CountDownLatch working;
        private final CountDownLatch until;

        Waiting(CountDownLatch working, CountDownLatch until) {
            this.working = working;
            this.until = until;
        }

        @Override
        public String name() {
            return "waiting";
        }

        @Override
        public String description() {
            return "waits";
        }

        @Override
        public double unitRoundoff() {
            return 0;
        }

        @Override
        protected RawOps raw() {
            Runnable command = () -> {
                working.countDown();
                try {
                    until.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            };
            return AllOperations.proxy((operation, args) -> command);
        }

        @Override
        protected Buffer newBuffer(ElementType type, int size, Set<Buffer> open) {
            return new Buffer(type, size, open) {
                @Override
                protected void copyIn(long at, Object source, int from, int count) {}

                @Override
                protected void copyOut(long at, Object target, int to, int count) {}

                @Override
                protected void release() {}
            };
        }
    }
}
