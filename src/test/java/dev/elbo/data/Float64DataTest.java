package dev.elbo.data;

import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.io.Decimals;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Times, large counts and other numbers that float32 does not hold keep their digits until they are standardised. */
class Float64DataTest {
    private static final int COLUMNS = 4;

    @TempDir
    private Path folder;

    /** What the numbers come in. */
    enum Form {
        ARRAY {
            @Override
            Dataset read(Path folder, double[][] rows) {
                return Dataset.of("rows", rows);
            }
        },
        NPY {
            @Override
            Dataset read(Path folder, double[][] rows) throws IOException {
                return written(folder.resolve("rows.npy"), npy(rows));
            }
        },
        NPY_PACKED {
            @Override
            Dataset read(Path folder, double[][] rows) throws IOException {
                return written(folder.resolve("rows.npy.gz"), IdxBytes.gzip(npy(rows)));
            }
        },
        IDX {
            @Override
            Dataset read(Path folder, double[][] rows) throws IOException {
                ByteBuffer bytes = ByteBuffer.allocate(12 + 8 * rows.length * COLUMNS);
                bytes.putInt(0x0E02).putInt(rows.length).putInt(COLUMNS);
                Arrays.stream(rows).flatMapToDouble(Arrays::stream).forEach(bytes::putDouble);
                return written(folder.resolve("rows.idx"), bytes.array());
            }
        },
        CSV {
            @Override
            Dataset read(Path folder, double[][] rows) throws IOException {
                String text = Arrays.stream(rows)
                        .map(row -> Arrays.stream(row).mapToObj(Decimals::text).collect(Collectors.joining(",")))
                        .collect(Collectors.joining("\n", "a,b,c,d\n", "\n"));
                return written(folder.resolve("rows.csv"), text.getBytes());
            }
        };

        abstract Dataset read(Path folder, double[][] rows) throws IOException;

        private static byte[] npy(double[][] rows) {
            ByteBuffer bytes = ByteBuffer.allocate(8 * rows.length * COLUMNS).order(ByteOrder.LITTLE_ENDIAN);
            Arrays.stream(rows).flatMapToDouble(Arrays::stream).forEach(bytes::putDouble);
            return NpyBytes.npy("<f8", false, "(" + rows.length + ", " + COLUMNS + ")", bytes.array());
        }

        private static Dataset written(Path file, byte[] content) throws IOException {
            Files.write(file, content);
            return Dataset.read(file.toString());
        }
    }

    /** Of any magnitude, varying by any share of it that float64 tells apart. */
    private static double[][] random(Random random, int rows) {
        double[] center = new double[COLUMNS];
        double[] width = new double[COLUMNS];
        for (int i = 0; i < COLUMNS; i++) {
            center[i] = random.nextGaussian() * Math.pow(10, random.nextInt(90) - 45);
            width[i] = Math.abs(center[i]) * Math.pow(10, -random.nextInt(12));
        }
        double[][] all = new double[rows][COLUMNS];
        for (double[] row : all) {
            Arrays.setAll(row, i -> center[i] + width[i] * random.nextGaussian());
        }
        return all;
    }

    private static double[] column(double[][] rows, int column) {
        return Arrays.stream(rows).mapToDouble(row -> row[column]).toArray();
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void isStandardisedInFloat64AndRoundedOnce(Form form) throws IOException {
        Random random = new Random(form.ordinal());
        for (int round = 0; round < 10; round++) {
            double[][] rows = random(random, 1 + random.nextInt(60));
            Dataset data = form.read(folder, rows);
            Standardization map = Standardization.perFeature(data);
            for (int j = 0; j < COLUMNS; j++) {
                double[] column = column(rows, j);
                // of differences from the first, as no digit may cancel
                double origin = column[0];
                double mean = origin
                        + Arrays.stream(column).map(x -> x - origin).average().orElseThrow();
                double deviation = Math.sqrt(Arrays.stream(column)
                        .map(x -> (x - mean) * (x - mean))
                        .average()
                        .orElseThrow());
                assertEquals(mean, map.mean()[j], 1e-15 * Math.abs(mean));
                assertEquals(rows.length == 1 ? 1 : deviation, map.deviation()[j], 1e-4 * deviation);
            }
            float[] values = data.standardized(map).values();
            double[] undone = map.undone(values);
            for (int i = 0; i < values.length; i++) {
                int j = i % COLUMNS;
                double given = rows[i / COLUMNS][j];
                assertEquals((float) ((given - map.mean()[j]) / map.deviation()[j]), values[i]);
                assertEquals(given, undone[i], 1e-6 * map.deviation()[j] + 1e-15 * Math.abs(given));
            }
        }
    }

    /** A column is named where float32 loses more than a thousandth of its deviation, and only there. */
    @Test
    void whatFloat32LosesIsSaid() {
        Random random = new Random(9);
        for (int round = 0; round < 100; round++) {
            double[][] rows = random(random, 20);
            Dataset data = Dataset.of("rows", rows).withColumns("a", "b", "c", "d");
            Description seen = Description.of(data);
            int[] lossy = IntStream.range(0, COLUMNS)
                    .filter(j -> {
                        double worst = Arrays.stream(column(rows, j))
                                .map(x -> Math.abs(x - (float) x))
                                .max()
                                .orElseThrow();
                        return worst > 1e-3 * seen.features().deviation()[j];
                    })
                    .toArray();
            assertArrayEquals(lossy, seen.features().rounded());
            assertEquals(lossy.length > 0, DataNotes.rounded(seen).isPresent());
            DataNotes.rounded(seen)
                    .ifPresent(line -> assertTrue(
                            line.contains("'" + "abcd".charAt(lossy[0]) + "'")
                                    && line.contains("Standardization.perFeature"),
                            line));
        }
        assertTrue(DataNotes.rounded(Description.of(Dataset.of("f", new float[][] {{1e30f}, {2}})))
                .isEmpty());
    }

    @Test
    void aTimeInSecondsKeepsItsSeconds() {
        double[][] rows =
                IntStream.range(0, 100).mapToObj(i -> new double[] {1.7e9 + i}).toArray(double[][]::new);
        Dataset data = Dataset.of("times", rows);
        Description seen = Description.of(data);
        assertEquals(28.866, seen.features().deviation()[0], 1e-3);
        assertEquals(1.7e9, seen.min());
        assertEquals(1.7e9 + 99, seen.max());
        assertEquals(new Dataset.Range(1.7e9, 1.7e9 + 99), data.range());
        Standardization map = Standardization.perFeature(data);
        assertFalse(map.fitsFloat());
        assertArrayEquals(column(rows, 0), map.undone(data.standardized(map).values()), 1e-5);
        // a subset, and rows of several, keep the digits
        Dataset some = data.subset("some", new int[] {99, 0});
        assertArrayEquals(new double[] {1.7e9 + 49.5}, some.mean());
        assertEquals(
                1.7e9 + 49.5,
                Dataset.of(
                                "j",
                                Rows.joined(List.of(some.rows(), data.rows())),
                                java.util.Optional.empty(),
                                1,
                                java.util.Optional.empty())
                        .mean()[0],
                1e-6);
    }

    /** A finite number beyond float32 is no infinity: it can be standardised, and is refused by its name where it is not. */
    @Test
    void numbersBeyondFloat32AreFinite() throws IOException {
        double[][] rows = {{1e40, 1, 1, 1}, {-1e40, 2, 1, 1}, {3e40, 3, 1, 1}};
        for (Form form : Form.values()) {
            Dataset data = form.read(folder, rows);
            Standardization map = Standardization.perFeature(data);
            assertEquals(1, data.standardized(map).variance()[0], 1e-6);
            assertEquals(0, Description.of(data).infinite());
            assertTrue(DataNotes.rounded(Description.of(data)).orElseThrow().contains("beyond float32"));
            refused(data::values, "row 0", "column 0", "1.0E40", "Standardization.perFeature");
        }
        assertTrue(Standardization.perFeature(Dataset.of("n", new double[][] {{1}, {2}}))
                .fitsFloat());
    }
}
