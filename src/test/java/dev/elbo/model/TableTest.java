package dev.elbo.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableTest {
    private static final Table TABLE = Table.builder()
            .gaussian("age")
            .constant("country", "FR")
            .categorical("colour", "blue", "green", "red")
            .bernoulli("smokes", "no", "yes")
            .poisson("visits")
            .negativeBinomial("pills")
            .build();

    @Test
    void placesFollowTheColumnsWithoutConstantOnes() {
        assertEquals(7, TABLE.features());
        assertEquals(
                List.of("age", "colour=blue", "colour=green", "colour=red", "smokes", "visits", "pills"),
                TABLE.featureNames());
        assertArrayEquals(
                new int[] {0, 0, 1, 0, 2, 1, 3, 0, 1, 4, 1, 0, 3, 5, 1, 0, 4, 6, 1, 0},
                TABLE.modelled().table(),
                "kind, first place, places and number of each column");
        assertEquals(1, TABLE.modelled().count(ColumnKind.POISSON));
    }

    @Test
    void jsonKeepsEverything() {
        assertEquals(TABLE, Table.fromJson(TABLE.toJson()));
        Component likelihood = Likelihood.columns(TABLE.modelled());
        assertEquals(TABLE.modelled(), Columns.of(likelihood.fields().components("columns")));
        VaeSpec spec = VaeSpec.builder(TABLE.features()).likelihood(likelihood).build();
        assertEquals(spec, VaeSpec.fromJson(spec.toJson()));
        assertEquals("7-400-20, relu, columns", spec.summary());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}                                                       | field 'columns' is missing",
                "{\"columns\":[]}                                         | all columns are constant",
                "{\"columns\":[1]}                                        | field 'columns' must be a list of objects",
                "{\"columns\":[{\"name\":\"a\",\"kind\":\"normal\"}]}     | kind 'normal' is not one of gaussian, ",
                "{\"columns\":[{\"name\":\"a\",\"kind\":\"poisson\",\"words\":[\"x\"]}]} | column 'a' has 1 words; poisson columns have 0",
                "{\"columns\":[{\"name\":\"a\",\"kind\":\"bernoulli\",\"words\":[\"x\"]}]} | column 'a' has 1 words; bernoulli columns have 2",
                "{\"columns\":[{\"name\":\"a\",\"kind\":\"categorical\",\"words\":[\"x\",\"x\"]}]} | column 'a' has the same word twice",
                "{\"columns\":[{\"name\":\"a\",\"kind\":\"categorical\",\"words\":[\"x\"]}]} | categorical columns have 2 to 1000",
                "{\"columns\":[{\"name\":\"a\",\"kind\":\"gaussian\"},{\"name\":\"a\",\"kind\":\"gaussian\"}]} | two columns have the name 'a'",
                "{\"columns\":[{\"name\":\"a\",\"kind\":\"gaussian\",\"size\":1}]} | unknown field 'size'",
                "{\"columns\":[{\"name\":\"a\"}]}                         | column 'a' has 0 words; constant columns have 1",
            })
    void otherJsonIsRefused(String json, String why) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Table.fromJson(json));
        assertTrue(e.getMessage().contains(why), e.getMessage());
    }

    @Test
    void sizesHaveLimits() {
        List<String> many = IntStream.range(0, 1_001).mapToObj(i -> "w" + i).toList();
        assertThrows(
                IllegalArgumentException.class, () -> new TableColumn("a", Optional.of(ColumnKind.CATEGORICAL), many));
        assertThrows(
                IllegalArgumentException.class,
                () -> new TableColumn("a", Optional.of(ColumnKind.CATEGORICAL), List.of("a", "b".repeat(201))));
        assertThrows(IllegalArgumentException.class, () -> new Columns.Column(ColumnKind.POISSON, 2));
        assertThrows(IllegalArgumentException.class, () -> new Columns.Column(ColumnKind.CATEGORICAL, 1));
        assertThrows(IllegalArgumentException.class, () -> new Columns(Collections.emptyList()));
    }
}
