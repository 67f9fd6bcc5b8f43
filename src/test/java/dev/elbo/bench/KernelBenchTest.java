package dev.elbo.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.backend.BackendTimer;
import dev.elbo.backend.Ops;
import dev.elbo.error.ElboException;
import dev.elbo.reference.ReferenceVariant;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The benchmark of operations, small, on backends of the host. */
public class KernelBenchTest {
    private static final BenchSettings TINY = new BenchSettings(new StoppingRule(0.005, 0, 3), 0, 1 << 16, 1 << 12, 32);

    private static final KernelBench.Listener DEAF = new KernelBench.Listener() {
        @Override
        public void verifying(String op) {}

        @Override
        public void next(String what, int number, int total) {}

        @Override
        public void done(KernelRow row) {}
    };

    private static final Rates RATES = new Rates(Distribution.of(1e9), Distribution.of(1e10));

    /** Every operation at every size is called and recorded, and leaves finite numbers and no memory behind. */
    static void runEverything(Backend backend) {
        for (KernelCase kernel : KernelCases.all(TINY.bytes(), TINY.product())) {
            try (Memory memory = new Memory(backend)) {
                Consumer<Ops> call = kernel.prepare().apply(memory);
                memory.clock().set(0, 0, 0, 0);
                call.accept(backend.ops());
                try (var program = backend.record(() -> call.accept(backend.ops()))) {
                    program.run();
                }
                for (var buffer : backend.openBuffers()) {
                    if (buffer.type() == ElementType.REAL) {
                        for (float value :
                                Tensor.of(buffer, 1, (int) buffer.size()).toFloats()) {
                            assertTrue(Float.isFinite(value), kernel + " holds " + value);
                        }
                    }
                }
            }
            assertEquals(List.of(), List.copyOf(backend.openBuffers()), kernel.toString());
        }
    }

    @Test
    void everyCaseRunsOnTheCpu() {
        try (Backend backend = Backends.builder("cpu").threads(1).open()) {
            runEverything(backend);
        }
    }

    @Test
    void ratesAndRowsAreMeasured() {
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                Backend oracle = Backends.reference()) {
            Rates rates = Rates.of(backend, TINY);
            assertTrue(
                    rates.copy().lower() > 0
                            && rates.copy().lower() <= rates.copy().upper(),
                    rates.toString());
            assertTrue(rates.product().median() > 0, rates.toString());
            List<String> heard = new ArrayList<>();
            List<KernelRow> rows = new KernelBench(backend, oracle, TINY, rates)
                    .run("advance", new KernelBench.Listener() {
                        @Override
                        public void verifying(String op) {
                            heard.add(op + "?");
                        }

                        @Override
                        public void next(String what, int number, int total) {
                            heard.add(what + " " + number + "/" + total);
                        }

                        @Override
                        public void done(KernelRow row) {
                            heard.add(row.op());
                        }
                    });
            assertEquals(List.of("advance?", "advance [one clock] 1/1", "advance"), heard);
            KernelRow row = rows.get(0);
            assertNull(row.failure());
            assertTrue(row.cold().median() > 0 && row.hot().median() > 0, row.toString());
            assertTrue(row.line(rates).startsWith("advance "), row.line(rates));
            assertEquals(List.of(), List.copyOf(backend.openBuffers()));
        }
    }

    @Test
    void whatIsWrongIsNotTimed() {
        try (Backend backend = ReferenceVariant.rounded("normal", (healthy, args, ops) -> () -> {
                    healthy.run();
                    Tensor out = (Tensor) args[1];
                    float[] first = {1e3f};
                    out.buffer().write(out.offset(), first, 0, 1);
                });
                Backend oracle = Backends.reference()) {
            KernelBench bench = new KernelBench(backend, oracle, TINY, RATES);
            List<KernelRow> wrong = bench.run("normal", DEAF);
            assertFalse(wrong.isEmpty());
            for (KernelRow row : wrong) {
                assertTrue(row.isWrong() && row.failure().startsWith("fails parity in "), row.toString());
                assertNull(row.cold());
                assertTrue(row.line(RATES).contains("not timed: fails parity"), row.line(RATES));
                assertTrue(row.toJson(RATES).has("not_timed"));
            }
            for (KernelRow row : bench.run("advance", DEAF)) {
                assertNotNull(row.cold(), row.toString());
            }
        }
    }

    @Test
    void whatIsNotMadeForSpeedIsRefused() {
        try (Backend oracle = Backends.reference()) {
            ElboException refusal = assertThrows(ElboException.class, () -> Rates.of(oracle, TINY));
            assertEquals(ElboException.Kind.UNAVAILABLE, refusal.kind());
            assertEquals(List.of(), List.copyOf(oracle.openBuffers()));
        }
    }

    @Test
    void theHostsClockTellsOfMisuse() {
        try (Backend backend = Backends.builder("cpu").threads(1).open();
                BackendTimer timer = backend.timer()) {
            assertThrows(IllegalStateException.class, timer::seconds);
            timer.start();
            assertThrows(IllegalStateException.class, timer::seconds);
            timer.stop();
            assertTrue(timer.seconds() >= 0);
            assertFalse(timer.usesDeviceClock());
            assertEquals(0, timer.counts().launches());
        }
    }

    /** A backend of which only the free memory is asked. */
    private static Backend withFree(long bytes) {
        return (Backend) Proxy.newProxyInstance(
                Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, (backend, method, arguments) -> {
                    assertEquals("freeMemory", method.getName());
                    return bytes;
                });
    }

    @Test
    void settingsFollowTheBackend() {
        Backend large = withFree(64L << 30);
        assertEquals(1 << 20, BenchSettings.of(large, 1 << 20, false).bytes());
        assertEquals(256L << 20, BenchSettings.of(large, 0, false).bytes());
        assertEquals(2L << 30, BenchSettings.of(large, 0, true).bytes());
        assertEquals(1L << 30, BenchSettings.of(withFree(4L << 30), 0, true).bytes());
        assertEquals(1 << 12, BenchSettings.of(withFree(1 << 10), 0, true).bytes());
        assertThrows(IllegalArgumentException.class, () -> BenchSettings.of(large, -1, false));
    }
}
