package dev.elbo.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MarkupTest {
    @Test
    void nothingButTextBetweenTags() {
        Markup out = new Markup().open("p", "title", "\"<&>\"").text("</p><script>\"&\0\ud800\u0085");
        assertEquals(
                "<p title=\"&quot;&lt;&amp;&gt;&quot;\">&lt;/p&gt;&lt;script&gt;\"&amp;\ufffd\ufffd\ufffd</p>\n",
                out.finish());
    }

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
        assertTrue(Axis.from0(new double[] {-3, 5}).marks().contains(0.0));
    }
}
