package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetWriterTest {
    @TempDir
    Path folder;

    private boolean isEmpty() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.findAny().isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rowsLieInAFileWithoutAName(boolean isFloat) throws IOException {
        Dataset data;
        try (DatasetWriter writer = new DatasetWriter("rows", 300, isFloat, folder)) {
            for (int i = 0; i < 5000; i++) {
                double[] row = new double[300];
                row[0] = i;
                row[299] = 1.0 / (i + 3);
                writer.add(row);
            }
            assertEquals(5000, writer.count());
            data = writer.finish();
        }
        assertTrue(data.rows().isMapped());
        assertTrue(isEmpty(), "its name is gone");
        assertEquals(4321f, data.row(4321)[0]);
        double[] first = new double[300];
        data.rows().copyDoubles(0, 1, first, 0);
        assertEquals(isFloat ? (float) (1 / 3.0) : 1 / 3.0, first[299]);
    }

    @Test
    void valuesMustBeFinite() throws IOException {
        try (DatasetWriter writer = new DatasetWriter("rows", 2, false, folder)) {
            writer.add(new double[] {1, 2});
            String message = assertThrows(ElboException.class, () -> writer.add(new double[] {1, Double.NaN}))
                    .getMessage();
            assertEquals("rows: row 1, column 1 (from 0) is NaN; remove or replace such values", message);
            assertThrows(IllegalStateException.class, () -> writer.add(new double[3]));
            assertArrayEquals(new float[] {1, 2}, writer.finish().values());
        }
        assertTrue(isEmpty(), "nothing is left of it");
        try (DatasetWriter none = new DatasetWriter("none", 2, true, folder)) {
            assertTrue(
                    assertThrows(ElboException.class, none::finish).getMessage().startsWith("none: is empty"));
        }
    }
}
