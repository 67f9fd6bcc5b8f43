package dev.elbo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.Backend;
import dev.elbo.backend.Precision;
import dev.elbo.error.ElboException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Backends by name, with options. */
class BackendsTest {
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "reference"})
    void whatIsNamedNeedsNoReason(String name) {
        Backends.Choice choice = Backends.builder(name).threads(1).choose();
        try (Backend backend = choice.backend()) {
            assertEquals(name, backend.name());
            assertEquals(Optional.empty(), choice.reason());
            assertEquals(backend.description(), choice.description());
        }
    }

    @Test
    void autoSaysWhy() {
        Backends.Choice choice = Backends.builder("auto").threads(2).choose();
        try (Backend backend = choice.backend()) {
            String reason = choice.reason().orElseThrow();
            assertEquals(backend.description() + " (auto: " + reason + ")", choice.description());
        }
    }

    @Test
    void theCpuHasThreads() {
        try (Backend backend = Backends.builder("cpu").threads(3).open()) {
            assertTrue(backend.description().endsWith("3 threads"), backend.description());
        }
        assertThrows(
                IllegalArgumentException.class, () -> Backends.builder("cpu").threads(-1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpu", "CPU", "cuda:", "cuda:x", ""})
    void unknownNamesAreAUsageError(String name) {
        ElboException refusal = assertThrows(ElboException.class, () -> Backends.open(name));
        assertEquals(ElboException.Kind.USAGE, refusal.kind());
        assertEquals("backend '" + name + "' is not one of auto, cpu, reference, cuda, cuda:N", refusal.getMessage());
    }

    @ParameterizedTest
    @EnumSource(
            value = Precision.class,
            names = {"TF32", "BF16"})
    void onlyCudaRoundsProducts(Precision precision) {
        ElboException refusal = assertThrows(
                ElboException.class,
                () -> Backends.builder("cpu").precision(precision).open());
        assertEquals(ElboException.Kind.UNAVAILABLE, refusal.kind());
        assertEquals("precision " + precision.label() + " needs backend cuda, not cpu", refusal.getMessage());
    }

    @Test
    void precisionsHaveNames() {
        for (Precision precision : Precision.values()) {
            assertEquals(precision, Precision.of(precision.label()));
        }
        ElboException refusal = assertThrows(ElboException.class, () -> Precision.of("fp8"));
        assertEquals(ElboException.Kind.USAGE, refusal.kind());
        assertEquals("precision 'fp8' is not one of fp32, tf32, bf16", refusal.getMessage());
    }
}
