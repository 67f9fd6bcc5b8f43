package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Classes are known by their names, whatever their numbers in the data are. */
class ClassLabelsTest {
    private static Dataset data(String name, int... labels) {
        return Dataset.of(name, new float[labels.length], 1).withLabels(labels);
    }

    private static Dataset words(String name, List<String> words, int... labels) {
        return data(name, labels).withNames(Optional.empty(), Optional.of(words));
    }

    private static void mustRefuse(Runnable call, ElboException.Kind kind, String... parts) {
        ElboException error = assertThrows(ElboException.class, call::run);
        assertEquals(kind, error.kind());
        for (String part : parts) {
            assertTrue(error.getMessage().contains(part), error.getMessage());
        }
    }

    @Test
    void namesAreThoseOfAllParts() {
        Split numbers = Split.of(data("train", 7, 10, 7), data("test", 9, -1));
        assertEquals(List.of("-1", "7", "9", "10"), ClassLabels.names(numbers));
        Split words = Split.of(words("train", List.of("dog", "cat"), 1, 0), words("test", List.of("cow", "dog"), 0, 1));
        assertEquals(List.of("dog", "cat", "cow"), ClassLabels.names(words));
    }

    @Test
    void dataWithoutClassesAreRefused() {
        Dataset none = Dataset.of("bare", new float[2], 1);
        ElboException.Kind data = ElboException.Kind.DATA;
        mustRefuse(() -> ClassLabels.names(Split.of(data("train", 1, 2), none)), data, "bare: has no labels");
        mustRefuse(() -> ClassLabels.of(none, List.of("1", "2")), data, "bare: has no labels");
        mustRefuse(() -> ClassLabels.names(Split.of(data("same", 3, 3), data("test", 3))), data, "same", "'3'");
        Dataset words = words("words", List.of("1", "2"), 0, 1);
        mustRefuse(() -> ClassLabels.names(Split.of(data("train", 1, 2), words)), data, "words: its labels are words");
    }

    @Test
    void aRowHasTheNumberOfItsName() {
        List<String> classes = List.of("cat", "dog", "cow");
        assertArrayEquals(
                new int[] {1, 0, 1}, ClassLabels.of(words("d", List.of("dog", "unused", "cat"), 0, 2, 0), classes));
        assertArrayEquals(new int[] {2, 0}, ClassLabels.of(data("d", 5, 3), List.of("3", "4", "5")));
        mustRefuse(
                () -> ClassLabels.of(words("d", List.of("dog", "fox"), 0, 1), classes),
                ElboException.Kind.DATA,
                "d: row 1 (from 0) has the label 'fox'",
                "cat, dog, cow");
        assertEquals(2, ClassLabels.number("cow", classes));
        mustRefuse(() -> ClassLabels.number("fox", classes), ElboException.Kind.USAGE, "'fox'", "cat, dog, cow");
        mustRefuse(() -> ClassLabels.number("fox", List.of()), ElboException.Kind.USAGE, "has no classes");
        List<String> many = IntStream.range(0, 25).mapToObj(Integer::toString).toList();
        mustRefuse(() -> ClassLabels.number("fox", many), ElboException.Kind.USAGE, ", 19 and 5 more");
    }

    @Test
    void aViewOfOneClassHasNoOther() {
        Dataset all = ClassLabels.all(Dataset.of("bare", new float[3], 1), "dog");
        assertArrayEquals(new int[] {1, 1, 1}, ClassLabels.of(all, List.of("cat", "dog")));
        assertArrayEquals(
                new int[] {1, 1}, ClassLabels.of(ClassLabels.all(data("d", 0, 5), "dog"), List.of("cat", "dog")));
    }

    @Test
    void theFingerprintIsOfTheClassesNotOfTheirNumbers() {
        List<String> classes = List.of("cat", "dog");
        String one = ClassLabels.fingerprint(words("a", List.of("cat", "dog"), 0, 1, 1), classes);
        assertEquals(one, ClassLabels.fingerprint(words("b", List.of("dog", "cat"), 1, 0, 0), classes));
        assertNotEquals(one, ClassLabels.fingerprint(words("b", List.of("dog", "cat"), 0, 1, 1), classes));
    }

    @Test
    void classesWithoutExamplesAreNamed() {
        assertEquals(Optional.empty(), ClassLabels.withoutExamples(data("d", 1, 2), List.of("1", "2"), Shards.all(1)));
        assertEquals(
                Optional.empty(),
                ClassLabels.withoutExamples(Dataset.of("bare", new float[1], 1), List.of(), Shards.all(1)));
        assertTrue(ClassLabels.withoutExamples(data("d", 2), List.of("1", "2"), Shards.all(1))
                .orElseThrow()
                .startsWith("class '1' has"));
        assertTrue(ClassLabels.withoutExamples(data("d", 2), List.of("1", "2", "x"), Shards.all(1))
                .orElseThrow()
                .startsWith("2 classes have no training examples: 1, x;"));
    }

    @Test
    void joinedPartsKeepTheNamesOfTheirLabels() {
        Dataset joined = Split.of(words("a", List.of("x", "y"), 0, 1), words("b", List.of("y", "z"), 0, 1))
                .withoutTestSet()
                .train();
        assertArrayEquals(new int[] {0, 1, 1, 2}, ClassLabels.of(joined, List.of("x", "y", "z")));
    }
}
