package dev.elbo.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.Backend;
import dev.elbo.cpu.CpuBackend;
import dev.elbo.reference.ReferenceBackend;
import dev.elbo.reference.ReferenceVariant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every backend of this machine over the whole table. */
class ParityTest {
    static Stream<Named<Backend>> backends() {
        return Stream.of(
                Named.of("rounded", ReferenceVariant.rounded()), Named.of("cpu, 3 threads", new CpuBackend(3)));
    }

    private static Backend plain() {
        System.setProperty("elbo.cpu.plain", "true");
        try {
            return new CpuBackend(2);
        } finally {
            System.clearProperty("elbo.cpu.plain");
        }
    }

    /** Results do not depend on the number of threads, as others show: every run has the table with three. */
    @Test
    @Tag("thorough")
    void oneThreadAgreesWithTheReference() {
        agreesWithTheReference(new CpuBackend(1));
    }

    @ParameterizedTest
    @MethodSource("backends")
    void agreesWithTheReference(Backend candidate) {
        try (candidate;
                Backend oracle = new ReferenceBackend()) {
            assertTrue(agrees(candidate, oracle, op -> true) > 300);
        }
    }

    /** Backends that differ from those above in their products only, or in nothing. */
    static Stream<Named<Backend>> products() {
        return Stream.of(Named.of("reference", new ReferenceBackend()), Named.of("cpu, plain Java products", plain()));
    }

    @ParameterizedTest
    @MethodSource("products")
    void productsAgreeWithTheReference(Backend candidate) {
        try (candidate;
                Backend oracle = new ReferenceBackend()) {
            assertTrue(agrees(candidate, oracle, op -> op.startsWith("dense")) > 50);
        }
    }

    /** How many rows of the table there were. */
    private static int agrees(Backend candidate, Backend oracle, Predicate<String> ops) {
        List<Row> rows = Verification.run(candidate, oracle, ops, Verification.Listener.NONE);
        String failed =
                rows.stream().filter(row -> !row.ok()).map(Row::toString).collect(Collectors.joining("\n"));
        assertEquals("", failed);
        assertEquals(List.of(), List.copyOf(candidate.openBuffers()));
        assertEquals(List.of(), List.copyOf(oracle.openBuffers()));
        return rows.size();
    }

    @Test
    void onlyTheChosenOperationsAreRunAndEachIsTold() {
        try (Backend candidate = ReferenceVariant.rounded();
                Backend oracle = new ReferenceBackend()) {
            List<Row> told = new ArrayList<>();
            List<Row> rows = Verification.run(candidate, oracle, "advance"::equals, (row, done, total) -> {
                told.add(row);
                assertEquals(told.size(), done);
                assertEquals(3, total);
            });
            assertEquals(3, rows.size());
            assertEquals(rows, told);
            assertTrue(rows.stream().allMatch(row -> row.op().equals("advance")));
        }
    }
}
