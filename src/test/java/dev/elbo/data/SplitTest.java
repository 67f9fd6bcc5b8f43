package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.io.Failures;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitTest {
    private static Dataset rows(String name, int from, int to) {
        float[] values = new float[to - from];
        for (int i = 0; i < values.length; i++) {
            values[i] = from + i;
        }
        return Dataset.of(name, values, 1);
    }

    private static float[] sorted(List<Dataset> parts) {
        float[] all = new float[parts.stream().mapToInt(Dataset::size).sum()];
        int at = 0;
        for (Dataset part : parts) {
            System.arraycopy(part.values(), 0, all, at, part.size());
            at += part.size();
        }
        Arrays.sort(all);
        return all;
    }

    @Test
    void aShareForValidationLeavesTheTestDataAsTheyAre() {
        Split two = Split.of(rows("rows", 0, 100));
        Split three = two.withValidationSet(0.25);
        assertArrayEquals(
                two.test().orElseThrow().values(), three.test().orElseThrow().values());
        assertEquals(
                List.of(68, 22, 10), three.all().stream().map(Dataset::size).toList());
        assertArrayEquals(rows("all", 0, 100).values(), sorted(three.all()));
        assertEquals(List.of("rows", "rows (validation)", "rows (held out)"), names(three));
        assertArrayEquals(
                three.train().values(), two.withValidationSet(0.25).train().values(), "always the same examples");
        assertEquals(three.validation(), three.judging());
        assertEquals(two.test(), two.judging());
    }

    private static List<String> names(Split split) {
        return split.all().stream().map(Dataset::name).toList();
    }

    @Test
    void atLeastOneExampleIsKeptOnBothSides() {
        for (double share : new double[] {1e-9, 0.5, 1 - 1e-9}) {
            Split split = new Split(rows("r", 0, 2), Optional.empty()).withValidationSet(share);
            assertEquals(1, split.train().size());
            assertEquals(1, split.validation().orElseThrow().size());
        }
        Split one = new Split(rows("r", 0, 1), Optional.empty());
        Failures.refused(() -> one.withValidationSet(0.5), "r", "one example", "validation");
        for (double share : new double[] {0, 1, -1, Double.NaN, 2}) {
            assertThrows(IllegalArgumentException.class, () -> one.withValidationSet(share));
        }
    }

    @Test
    void withoutTestDataAllExamplesAreTrainedOn() {
        Split own = Split.of(rows("a", 0, 5), rows("b", 5, 8));
        assertArrayEquals(
                rows("all", 0, 8).values(), own.withoutTestSet().train().values());
        assertEquals("a", own.withoutTestSet().train().name());
        Split none = new Split(rows("a", 0, 5), Optional.empty()).withoutTestSet();
        assertEquals(5, none.train().size());
        for (Split split : List.of(own.withoutTestSet(), none)) {
            assertTrue(split.withTestSet().test().isEmpty(), "nothing more is held out");
            assertEquals(Optional.empty(), split.judging());
        }
    }

    @Test
    void labelsOfOnePartAloneDoNotHinder() {
        Dataset labelled = rows("a", 0, 3).withLabels(1, 2, 3);
        Split split = Split.of(labelled, rows("b", 3, 4));
        assertEquals(4, split.withoutTestSet().train().size());
        assertTrue(split.withoutTestSet().train().labels().isEmpty());
    }

    @Test
    void partsThatDoNotGoTogetherAreNamed() {
        Dataset wide = Dataset.of("wide", new float[4], 2);
        Failures.refused(
                () -> new Split(rows("a", 0, 3), Optional.empty(), Optional.of(wide), false),
                "wide",
                "2 features",
                "1");
        Split three = new Split(rows("a", 0, 3), Optional.of(rows("b", 0, 1)), Optional.of(rows("c", 0, 1)), false);
        Split two = Split.of(rows("d", 0, 3), rows("e", 0, 1));
        Failures.refused(() -> Split.joined(List.of(three, two)), "d", "no validation set", "a");
        Split joined = Split.joined(List.of(three, three));
        assertEquals(2, joined.validation().orElseThrow().size());
    }

    @Test
    void allPartsAreStandardisedByOneMap() {
        Split split = new Split(rows("a", 0, 9), Optional.of(rows("b", 0, 9)), Optional.of(rows("c", 0, 9)), false);
        Split standardized = split.standardized(Standardization.shared(split.train()));
        IntStream.range(1, 3)
                .forEach(i -> assertArrayEquals(
                        standardized.train().values(), standardized.all().get(i).values()));
    }
}
