package dev.elbo.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.reference.ReferenceBackend;
import dev.elbo.reference.ReferenceVariant;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every golden case on every backend; the environment variable ELBO_GOLDEN may name a folder with more cases. */
class GoldenTest {
    static final Path CASES = Path.of("src/test/resources/golden");

    private static List<Supplier<Backend>> backends() {
        List<Supplier<Backend>> backends = new ArrayList<>(Backends.available(0));
        backends.add(ReferenceVariant::rounded);
        return backends;
    }

    static List<Path> cases() {
        List<Path> cases = new ArrayList<>(GoldenRunner.cases(CASES));
        String more = System.getenv("ELBO_GOLDEN");
        if (more != null) {
            cases.addAll(GoldenRunner.cases(Path.of(more)));
        }
        return cases;
    }

    @TestFactory
    Stream<DynamicTest> everyCaseHoldsOnEveryBackend() {
        return backends().stream()
                .flatMap(backend -> cases().stream()
                        .map(folder -> DynamicTest.dynamicTest(
                                name(backend) + " " + folder.getFileName(), () -> holds(folder, backend))));
    }

    private static String name(Supplier<Backend> supplier) {
        try (Backend backend = supplier.get()) {
            return backend.name();
        }
    }

    static void holds(Path folder, Supplier<Backend> supplier) {
        try (Backend candidate = supplier.get();
                Backend oracle = new ReferenceBackend()) {
            List<TensorResult> results = GoldenRunner.run(folder, candidate, oracle);
            assertFalse(results.isEmpty());
            assertEquals(
                    List.of(), results.stream().filter(result -> !result.ok()).toList());
            assertTrue(candidate.openBuffers().isEmpty(), "open: " + candidate.openBuffers());
            assertTrue(oracle.openBuffers().isEmpty(), "open: " + oracle.openBuffers());
        }
    }
}
