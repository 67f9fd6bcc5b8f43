package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.io.ImageShape;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ValueRangeTest {
    private static ValueRange range(Dataset training) {
        return ValueRange.of(Description.of(training));
    }

    private static Dataset table(double[]... rows) {
        return Dataset.of("t", rows);
    }

    /** Of any data, standardised or not: nothing inside, nor as far outside as a column is wide, is told of; what is farther is. */
    @Test
    void whatIsFartherOutsideThanItIsWideIsTold() {
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            int width = 1 + random.nextInt(5);
            double unit = Math.pow(10, random.nextInt(12) - 6);
            double[][] rows = new double[2 + random.nextInt(9)][width];
            for (double[] row : rows) {
                Arrays.setAll(row, i -> unit * (i + random.nextGaussian()));
            }
            Dataset training = table(rows);
            Standardization map = Standardization.perFeature(training);
            Dataset standardized = training.standardized(map);
            for (ValueRange range : new ValueRange[] {
                range(training),
                range(standardized),
                ValueRange.fromJson(range(training).toJson(), width)
            }) {
                assertEquals(Optional.empty(), range.outside(training));
                int column = random.nextInt(width);
                double least = Arrays.stream(rows)
                        .mapToDouble(row -> row[column])
                        .min()
                        .orElseThrow();
                double most = Arrays.stream(rows)
                        .mapToDouble(row -> row[column])
                        .max()
                        .orElseThrow();
                for (double share : new double[] {0.9, 1.1}) {
                    double[] other = rows[0].clone();
                    other[column] =
                            random.nextBoolean() ? most + share * (most - least) : least - share * (most - least);
                    Dataset asked = Dataset.of("asked", new double[][] {rows[0], other});
                    for (Dataset as : new Dataset[] {asked, asked.standardized(map)}) {
                        Optional<String> said = range.outside(as);
                        assertEquals(share > 1, said.isPresent());
                        said.ifPresent(line -> assertTrue(
                                line.startsWith("asked: row 1, column " + column + " (from 0) is ")
                                        && line.contains("1 of " + 2 * width + " values"),
                                line));
                    }
                }
            }
        }
    }

    @Test
    void picturesAndBytesHaveOneRange() {
        byte[] pixels = {0, 0, 10, 20};
        Dataset bytes = Dataset.ofBytes("b", pixels, 2, 1f / 255);
        assertEquals("{\"min\":[0],\"max\":[1]}", ValueRange.ofBytes(bytes).toJson());
        assertEquals(ValueRange.ofBytes(bytes), range(bytes));
        Rows rows = Rows.ofFloats(new float[] {0, 0.5f, 0, 1}, 2);
        Dataset pictures = Dataset.of("p", rows, Optional.of(new ImageShape(1, 1, 2)), 1, Optional.empty());
        assertEquals("{\"min\":[0],\"max\":[1]}", range(pictures).toJson());
        // pixels that never changed in the training may change now
        assertEquals(Optional.empty(), range(pictures).outside(table(new double[] {1, 1})));
        assertTrue(range(pictures).outside(table(new double[] {255, 1})).isPresent());
    }

    @Test
    void aConstantColumnIsAsWideAsAll() {
        ValueRange range = range(table(new double[] {5, 0}, new double[] {5, 10}));
        assertEquals(Optional.empty(), range.outside(table(new double[] {14, 5})));
        assertTrue(range.outside(table(new double[] {16, 5})).isPresent());
    }

    @Test
    void namesAreSaidAndNothingElseIsRead() {
        ValueRange range = range(table(new double[] {1}, new double[] {2}));
        String said =
                range.outside(table(new double[] {400}).withColumns("speed")).orElseThrow();
        assertTrue(said.contains("'speed'") && said.contains("400.0") && said.contains("1 to 2;"), said);
        assertTrue(range.outside("score", new float[] {1, 9, 1}, 3, 10)
                .orElseThrow()
                .contains("score: row 11,"));
        assertEquals(Optional.empty(), range.outside("score", new float[] {1, 9}, 1, 0));
        for (String json : new String[] {
            "{}",
            "{\"min\":[2],\"max\":[1]}",
            "{\"min\":[1,2],\"max\":[1]}",
            "{\"min\":[1],\"max\":[\"x\"]}",
            "[",
            "{\"min\":[1],\"max\":[2],\"more\":1}"
        }) {
            assertThrows(IllegalArgumentException.class, () -> ValueRange.fromJson(json, 1), json);
        }
    }
}
