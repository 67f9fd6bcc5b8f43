package dev.elbo.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Clock;
import dev.elbo.data.Dataset;
import dev.elbo.error.ElboException;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.TinyModel;
import dev.elbo.noise.Noise;
import dev.elbo.noise.NoiseStream;
import dev.elbo.reference.DeferredBackend;
import dev.elbo.reference.DeferredBackend.Copies;
import dev.elbo.reference.DeferredBackend.Fault;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Passes over data that are streamed give the rows, and whatever is computed of them, of resident data. */
class PassTest {
    /** Bytes of a row of {@link #rows}: 64 of them are a chunk at least. */
    private static final int WIDTH = 1024;

    private static final int TOTAL = 250;

    /** Row i is full of i. */
    private static Dataset rows() {
        byte[] bytes = new byte[TOTAL * WIDTH];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i / WIDTH);
        }
        return Dataset.ofBytes("rows", bytes, WIDTH, 1);
    }

    static List<Supplier<Backend>> backends() {
        List<Supplier<Backend>> backends = new ArrayList<>(Backends.available(0));
        for (Copies copies : Copies.values()) {
            backends.add(() -> new DeferredBackend(copies, Fault.NONE, 1, Long.MAX_VALUE));
        }
        return backends;
    }

    /** The numbers of the rows that a pass gives, broken off after {@code until}. */
    private static int[] read(Backend backend, Pass pass, int[] order, int batch, int until) {
        return read(backend, pass, order, batch, 0, until);
    }

    /** The same from the row {@code first} on. */
    private static int[] read(Backend backend, Pass pass, int[] order, int batch, int first, int until) {
        Clock clock = Clock.allocate(backend);
        Tensor all = backend.allocate(ElementType.REAL, TOTAL, WIDTH);
        pass.start(order, first);
        for (int row = first; row < until; row += batch) {
            int count = Math.min(batch, TOTAL - row);
            clock.set(0, row, 0, 0);
            pass.gather(pass.slot(), clock, null, all.rows(row, count), null);
            pass.submitted(count);
        }
        double[] values = all.toDoubles();
        all.buffer().close();
        clock.counters().buffer().close();
        return IntStream.range(first, until)
                .map(row -> {
                    assertEquals(values[row * WIDTH], values[(row + 1) * WIDTH - 1]);
                    return (int) values[row * WIDTH];
                })
                .toArray();
    }

    @ParameterizedTest
    @MethodSource("backends")
    void rowsComeInOrderAgainAndAgainAndAfterAPassThatBrokeOff(Supplier<Backend> open) {
        try (Backend backend = open.get()) {
            for (DataPlacement placement : List.of(DataPlacement.RESIDENT, DataPlacement.STREAMED)) {
                try (DataSource data = DataSource.of(backend, rows(), placement);
                        Pass shuffled = data.pass(20, 1, true);
                        Pass plain = data.pass(64, 1, false)) {
                    // streamed: four chunks of 80 rows, and of 64
                    boolean streamed = placement == DataPlacement.STREAMED;
                    assertEquals(streamed ? 2 : 1, shuffled.slots());
                    assertEquals(streamed ? 1 : 0, shuffled.lastSlot());
                    assertEquals(streamed ? 1 : 0, plain.lastSlot());
                    for (int epoch = 1; epoch < 4; epoch++) {
                        int[] order = Noise.permutation(3, epoch, TOTAL);
                        for (int until : new int[] {20, 80, 100, 240, TOTAL}) {
                            assertArrayEquals(
                                    IntStream.of(order).limit(until).toArray(),
                                    read(backend, shuffled, order, 20, until),
                                    placement + " to " + until);
                        }
                        assertArrayEquals(IntStream.range(0, TOTAL).toArray(), read(backend, plain, null, 64, TOTAL));
                        for (int first = 0; first < TOTAL; first += 20) {
                            assertArrayEquals(
                                    IntStream.of(order).skip(first).toArray(),
                                    read(backend, shuffled, order, 20, first, TOTAL),
                                    placement + " from " + first);
                        }
                    }
                }
            }
            assertEquals(List.of(), List.copyOf(backend.openBuffers()));
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void classesComeWithTheirRows(Supplier<Backend> open) {
        List<String> classes = List.of("2", "0", "1");
        int[] labels = IntStream.range(0, TOTAL).map(i -> i * i % 7 % 3).toArray();
        try (Backend backend = open.get()) {
            for (DataPlacement placement : List.of(DataPlacement.RESIDENT, DataPlacement.STREAMED)) {
                try (DataSource data = DataSource.of(backend, rows().withLabels(labels), placement, classes);
                        Pass shuffled = data.pass(20, 1, true);
                        Pass plain = data.pass(64, 1, false)) {
                    for (int epoch = 1; epoch < 3; epoch++) {
                        int[] order = Noise.permutation(3, epoch, TOTAL);
                        assertArrayEquals(
                                IntStream.of(order)
                                        .map(i -> (labels[i] + 1) % 3)
                                        .toArray(),
                                readClasses(backend, shuffled, order, 20),
                                placement + ", epoch " + epoch);
                        assertArrayEquals(
                                IntStream.of(labels)
                                        .map(label -> (label + 1) % 3)
                                        .toArray(),
                                readClasses(backend, plain, null, 64),
                                placement.toString());
                    }
                }
            }
            assertEquals(List.of(), List.copyOf(backend.openBuffers()));
        }
    }

    private static int[] readClasses(Backend backend, Pass pass, int[] order, int batch) {
        Clock clock = Clock.allocate(backend);
        Tensor x = backend.allocate(ElementType.REAL, batch, WIDTH);
        Tensor all = backend.allocate(ElementType.REAL, TOTAL, 1);
        pass.start(order);
        for (int row = 0; row < TOTAL; row += batch) {
            int count = Math.min(batch, TOTAL - row);
            clock.set(0, row, 0, 0);
            pass.gather(pass.slot(), clock, null, x.rows(0, count), all.rows(row, count));
            pass.submitted(count);
        }
        double[] values = all.toDoubles();
        for (Tensor tensor : List.of(x, all, clock.counters())) {
            tensor.buffer().close();
        }
        return IntStream.range(0, TOTAL).map(i -> (int) values[i]).toArray();
    }

    @Test
    void classesThatWereNotReadAreRefused() {
        try (Backend backend = Backends.reference()) {
            for (DataPlacement placement : List.of(DataPlacement.RESIDENT, DataPlacement.STREAMED)) {
                try (DataSource data = DataSource.of(backend, rows(), placement);
                        Pass plain = data.pass(64, 1, false)) {
                    IllegalArgumentException error =
                            assertThrows(IllegalArgumentException.class, () -> readClasses(backend, plain, null, 64));
                    assertTrue(error.getMessage().contains("without its classes"), error.getMessage());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void aPassThatBeginsAnewLeavesTheRowsOfTheOneBeforeAlone(Supplier<Backend> open) {
        int[] forwards = IntStream.range(0, TOTAL).toArray();
        int[] backwards = IntStream.range(0, TOTAL).map(i -> TOTAL - 1 - i).toArray();
        try (Backend backend = open.get();
                DataSource data = DataSource.of(backend, rows(), DataPlacement.STREAMED);
                Pass pass = data.pass(20, 1, true)) {
            Clock clock = Clock.allocate(backend);
            Tensor[] x = new Tensor[4];
            for (int i = 0; i < x.length; i++) {
                x[i] = backend.allocate(ElementType.REAL, 20, WIDTH);
            }
            for (int i = 0; i < x.length; i++) {
                pass.start(i % 2 == 0 ? forwards : backwards);
                pass.gather(pass.slot(), clock, null, x[i], null);
                pass.submitted(20);
            }
            for (int i = 0; i < x.length; i++) {
                assertEquals(i % 2 == 0 ? 0 : TOTAL - 1, x[i].toDoubles()[0], "start " + i);
                x[i].buffer().close();
            }
            clock.counters().buffer().close();
        }
    }

    @Test
    void chunksAreWholeProgramsWithinTheirBounds() {
        try (Backend backend = Backends.reference()) {
            try (StreamedPass pass = new StreamedPass(backend, rows(), null, 20, 3, false)) {
                assertEquals(120, pass.chunk, "one program of three batches is less than 64 KiB, two are more");
                assertEquals(3, pass.steps());
                assertEquals(0, pass.lastSlot());
            }
            try (StreamedPass pass = new StreamedPass(backend, rows(), null, 20, 1 << 20, false)) {
                assertEquals(StreamedPass.LARGEST_CHUNK / (20 * WIDTH), pass.steps());
                assertEquals(TOTAL, pass.chunk);
                assertEquals(1, pass.slots());
            }
            try (StreamedPass pass = new StreamedPass(backend, rows(), null, 100, 1, false)) {
                assertEquals(100, pass.chunk, "a batch of more than 64 KiB");
            }
        }
    }

    @Test
    void wrongUseIsRefused() {
        try (Backend backend = Backends.reference()) {
            ElboException error = assertThrows(
                    ElboException.class, () -> new StreamedPass(backend, rows(), null, Integer.MAX_VALUE, 1, false));
            assertEquals(ElboException.Kind.UNAVAILABLE, error.kind());
            assertTrue(error.getMessage().contains("smaller batch"), error.getMessage());
            for (DataPlacement placement : List.of(DataPlacement.RESIDENT, DataPlacement.STREAMED)) {
                try (DataSource data = DataSource.of(backend, rows(), placement);
                        Pass shuffled = data.pass(20, 1, true);
                        Pass plain = data.pass(20, 1, false)) {
                    assertThrows(IllegalArgumentException.class, () -> shuffled.start(null));
                    assertThrows(IllegalArgumentException.class, () -> shuffled.start(new int[TOTAL - 1]));
                    assertThrows(IllegalArgumentException.class, () -> plain.start(new int[TOTAL]));
                    assertThrows(IndexOutOfBoundsException.class, () -> plain.start(null, TOTAL));
                    assertThrows(IndexOutOfBoundsException.class, () -> plain.start(null, -1));
                }
            }
            try (Pass pass = new StreamedPass(backend, rows(), null, 20, 1, false)) {
                pass.start(null);
                pass.submitted(60);
                assertThrows(IllegalStateException.class, () -> pass.submitted(21));
            }
            assertEquals(List.of(), List.copyOf(backend.openBuffers()));
        }
    }

    /** What evaluation and inference give. */
    private record Results(Evaluation plain, Evaluation binary, float[] codes, float[] drawn, float[] images) {
        /** On 4,500 rows: streamed in several chunks, the last batch partial. */
        static Results of(Backend backend, DataPlacement placement) {
            VaeSpec spec = VaeSpec.mlp(60, List.of(9), 2, Activation.RELU, Likelihood.BERNOULLI, true);
            float[] values = new float[4500 * 60];
            Noise.uniforms(4, 0, NoiseStream.BINARIZE, 0, 0, values.length, values, 0);
            Dataset grey = Dataset.of("grey", values, 60);
            try (TinyModel model = new TinyModel(backend, spec, 1, 1);
                    DataSource data = DataSource.of(backend, grey, placement);
                    Evaluator plain = new Evaluator(model.vae, data, 1, false, 5);
                    Evaluator binary = new Evaluator(model.vae, data, 3, true, 5)) {
                Inference inference = new Inference(model.vae, 6);
                Evaluation first = binary.run("first");
                assertEquals(first, binary.run("again"));
                return new Results(
                        plain.run("plain"),
                        first,
                        inference.encode(data, false),
                        inference.encode(data, true),
                        inference.reconstruct(data));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void evaluationAndInferenceDoNotDependOnThePlacement(Supplier<Backend> open) {
        try (Backend backend = open.get()) {
            Results resident = Results.of(backend, DataPlacement.RESIDENT);
            Results streamed = Results.of(backend, DataPlacement.STREAMED);
            assertEquals(resident.plain, streamed.plain);
            assertEquals(resident.binary, streamed.binary);
            assertArrayEquals(resident.codes, streamed.codes);
            assertArrayEquals(resident.drawn, streamed.drawn);
            assertArrayEquals(resident.images, streamed.images);
            assertEquals(List.of(), List.copyOf(backend.openBuffers()));
        }
    }
}
