package dev.elbo.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AxisTest {
    /** Marks lie in the range, at round places, and their labels differ. */
    @Test
    void marksOfAxes() {
        Random random = new Random(1);
        for (int round = 0; round < 2000; round++) {
            double middle = random.nextGaussian() * Math.pow(10, random.nextInt(24) - 12);
            double spread = Math.abs(middle) * Math.pow(10, -random.nextInt(8)) * random.nextDouble();
            Axis axis = Axis.around(new double[] {middle, Double.NaN, middle + spread}, false);
            List<Double> marks = axis.marks();
            assertTrue(marks.size() >= 2 && marks.size() <= 12, axis + ": " + marks);
            List<String> labels = marks.stream().map(axis::label).distinct().toList();
            assertEquals(marks.size(), labels.size(), axis + ": " + labels);
            for (double mark : marks) {
                assertTrue(axis.fraction(mark) > -1e-6 && axis.fraction(mark) < 1 + 1e-6, axis + ": " + mark);
            }
        }
        assertEquals(
                List.of(1.0),
                Axis.around(new double[] {1}, true).marks().stream()
                        .filter(m -> m == 1)
                        .toList());
        assertTrue(Axis.around(new double[] {Double.NaN}, false).marks().size() >= 2);
        assertTrue(Axis.around(new double[] {-3, 0, 5}, false).marks().contains(0.0));
    }

    /** The same on logarithmic axes, from a part of a decade to hundreds of them. */
    @Test
    void marksOfLogarithmicAxes() {
        assertEquals(
                List.of(1.0, 2.0, 5.0, 10.0, 20.0, 50.0),
                Axis.logarithmic(new double[] {1, 60}).marks());
        assertEquals(
                List.of("1", "10", "100", "1000"), labels(Axis.logarithmic(new double[] {0.9, 7, Double.NaN, 1100})));
        assertEquals(List.of("0.1", "0.2", "0.5", "1"), labels(Axis.logarithmic(new double[] {0.3, 0.4})));
        assertEquals(List.of("1e+07", "2e+07", "5e+07", "1e+08"), labels(Axis.logarithmic(new double[] {3e7})));
        Random random = new Random(2);
        for (int round = 0; round < 2000; round++) {
            double low = Math.pow(10, random.nextInt(200) - 100 + random.nextDouble());
            Axis axis =
                    Axis.logarithmic(new double[] {low, low * Math.pow(10, random.nextInt(100) * random.nextDouble()), 0
                    });
            List<Double> marks = axis.marks();
            assertTrue(marks.size() >= 2 && marks.size() <= 12, axis + ": " + marks);
            assertEquals(marks.size(), labels(axis).size(), axis + ": " + labels(axis));
            for (double mark : marks) {
                assertTrue(axis.fraction(mark) > -1e-6 && axis.fraction(mark) < 1 + 1e-6, axis + ": " + mark);
            }
        }
    }

    private static List<String> labels(Axis axis) {
        return axis.marks().stream().map(axis::label).distinct().toList();
    }
}
