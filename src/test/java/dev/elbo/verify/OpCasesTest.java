package dev.elbo.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.AllOperations;
import dev.elbo.model.Activation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class OpCasesTest {
    private static final List<OpCase> CASES = OpCases.all();

    @Test
    void everyOperationHasRowsAndEveryRowIsOfAnOperation() {
        Set<String> rows = CASES.stream().map(OpCase::op).collect(Collectors.toCollection(TreeSet::new));
        assertEquals(AllOperations.names(), rows);
    }

    @Test
    void labelsAreUnique() {
        Set<String> seen = new HashSet<>();
        List<String> twice = new ArrayList<>();
        for (OpCase opCase : CASES) {
            if (!seen.add(opCase.toString())) {
                twice.add(opCase.toString());
            }
        }
        assertEquals(List.of(), twice);
    }

    @Test
    void theTableIsTheSameEveryTime() {
        List<OpCase> again = OpCases.all();
        for (int i = 0; i < CASES.size(); i++) {
            for (int a = 0; a < CASES.get(i).arguments().size(); a++) {
                Grid given = CASES.get(i).arguments().get(a).given();
                if (given != null) {
                    assertTrue(Arrays.equals(
                            given.values(),
                            again.get(i).arguments().get(a).given().values()));
                }
            }
        }
    }

    @Test
    void everyActivationIsThere() {
        for (String op : List.of("dense", "denseGrad", "activate", "activateGrad", "fold", "classBias")) {
            for (Activation activation : Activation.values()) {
                String name = activation.label().toLowerCase(Locale.ROOT);
                assertTrue(
                        CASES.stream()
                                .anyMatch(c -> c.op().equals(op) && c.label().contains(name)),
                        op + " has no row with " + name);
            }
        }
    }

    /** Each optional argument of each operation occurs, and is missing in some row. */
    @Test
    void optionalArgumentsComeAndGo() {
        Map<String, List<String>> optional = Map.ofEntries(
                Map.entry("gather", List.of("order")),
                Map.entry("dense", List.of("bias")),
                Map.entry("denseGrad", List.of("dB", "dX")),
                Map.entry("fold", List.of("bias")),
                Map.entry("reparameterize", List.of("kl", "sampledKl")),
                Map.entry("reparameterizeGrad", List.of("rowWeight")),
                Map.entry("gaussianLoss", List.of("logVar", "rowWeight", "loss", "dOutput", "dLogVar")),
                Map.entry(
                        "columnLoss",
                        List.of(
                                "logVar",
                                "logDispersion",
                                "rowWeight",
                                "loss",
                                "dOutput",
                                "dLogVar",
                                "dLogDispersion")),
                Map.entry("bernoulliLoss", List.of("rowWeight", "loss", "dLogits")),
                Map.entry("importanceWeights", List.of("logWeights", "weights")),
                Map.entry("stepMetrics", List.of("kl", "bound", "outputLogVar")));
        optional.forEach((op, names) -> {
            for (String name : names) {
                Set<Boolean> seen = CASES.stream()
                        .filter(c -> c.op().equals(op))
                        .map(c -> c.arguments().stream().anyMatch(a -> a.name().equals(name)))
                        .collect(Collectors.toSet());
                assertEquals(Set.of(true, false), seen, op + " " + name);
            }
        });
    }

    @Test
    void everyOutputSaysWhyItsBoundIsWhatItIs() {
        for (OpCase opCase : CASES) {
            for (Argument argument : opCase.arguments()) {
                assertEquals(argument.isWritten(), argument.bound() != null, opCase + " " + argument.name());
                assertTrue(
                        argument.bound() == null || !argument.bound().reason().isBlank());
            }
        }
    }
}
