package dev.elbo.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CurvesTest {
    @TempDir
    Path folder;

    private static List<Curves.Panel> panels() {
        double[] epochs = {1, 2, 3, 4, 5};
        Curves.Series train = new Curves.Series("train", epochs, new double[] {30, 22, 19, 17.5, 17});
        Curves.Series test = new Curves.Series("test", epochs, new double[] {31, 24, 20, 19, 18.8});
        return List.of(
                new Curves.Panel("Loss", "epoch", "nats per example", List.of(train, test)),
                new Curves.Panel("KL", "epoch", "nats per example", List.of(train)));
    }

    /** How many pixels have one of the line colours. */
    private static int inked(BufferedImage image, int left, int right, int colour) {
        int count = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = left; x < right; x++) {
                count += (image.getRGB(x, y) & 0xffffff) == colour ? 1 : 0;
            }
        }
        return count;
    }

    private static int inked(double[] y) {
        Curves.Series series = new Curves.Series("s", Arrays.copyOf(new double[] {1, 2, 3}, y.length), y);
        return inked(Curves.draw(List.of(new Curves.Panel("t", "x", "y", List.of(series)))), 0, 560, 0x0072b2);
    }

    private static void assertDrawn(BufferedImage image) {
        assertEquals(1120, image.getWidth());
        assertEquals(420, image.getHeight());
        assertTrue(inked(image, 0, 560, 0x0072b2) > 200, "train in the first panel");
        assertTrue(inked(image, 0, 560, 0xd55e00) > 200, "test in the first panel");
        assertTrue(inked(image, 560, 1120, 0x0072b2) > 200, "train in the second panel");
        assertEquals(0, inked(image, 560, 1120, 0xd55e00), "nothing of the first panel in the second");
    }

    @Test
    void linesAppearInTheirPanels() throws IOException {
        Path file = folder.resolve("curves.png");
        Curves.writePng(file, panels());
        assertDrawn(ImageIO.read(file.toFile()));
    }

    @Test
    void linesAppearWithoutText() {
        assertDrawn(Curves.withoutText(panels()));
    }

    @Test
    void largeAndCloseValuesAreDrawnInTime() {
        for (double[] y : new double[][] {
            {-3173509, -3166811.6}, {1e9, 1e9 + 1}, {1e16, 1e16 + 2}, {-2.97e33, -2.96e33}, {1e12, 1e12}, {1e-9, 1e-8}
        }) {
            Curves.Series series = new Curves.Series("s", new double[] {1, 2}, y);
            List<Curves.Panel> panel = List.of(new Curves.Panel("t", "x", "y", List.of(series)));
            BufferedImage image = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> Curves.draw(panel));
            assertTrue(inked(image, 0, 560, 0x0072b2) > 200, Arrays.toString(y));
        }
    }

    @Test
    void pointsThatAreNotFiniteAreLeftOut() {
        double[] x = {1, 2, 3};
        for (double[] y : new double[][] {
            {Double.NaN, 1, 2}, {Double.NaN, Double.NaN, Double.NaN}, {1, Double.POSITIVE_INFINITY, 1}, {5, 5, 5}
        }) {
            List<Curves.Panel> panel = List.of(new Curves.Panel("t", "x", "y", List.of(new Curves.Series("s", x, y))));
            assertEquals(560, Curves.draw(panel).getWidth());
            assertEquals(560, Curves.withoutText(panel).getWidth());
        }
        int legend = inked(new double[] {Double.NaN});
        int one = inked(new double[] {2});
        int two = inked(new double[] {2, Double.NaN, 2});
        assertTrue(one > legend + 20, "one epoch shows as a point");
        assertTrue(two > one + 20 && two < 200, "no line joins points with a gap between them");
        Curves.draw(List.of(new Curves.Panel("t", "x", "y", List.of())));
        assertThrows(IllegalArgumentException.class, () -> Curves.draw(List.of()));
        assertThrows(IllegalArgumentException.class, () -> new Curves.Series("s", x, new double[2]));
    }

    @Test
    void barsAndErrorsAppearWithTextAndWithout() {
        double[] x = {1, 2, 3, 4};
        List<Curves.Panel> panels = List.of(
                new Curves.Panel(
                        "bound",
                        "k",
                        "nats",
                        List.of(new Curves.Series(
                                "L_k", new double[] {1, 10, 100}, new double[] {-5, -3, -2.5}, new double[] {
                                    0.5, Double.NaN, 0.1
                                })),
                        Curves.Kind.LOGARITHMIC,
                        List.of()),
                new Curves.Panel(
                        "KL",
                        "unit",
                        "nats",
                        List.of(
                                new Curves.Series("active", x, new double[] {3, 2, 0, 0}),
                                new Curves.Series("inactive", x, new double[] {0, 0, 1, 0.5})),
                        Curves.Kind.BARS,
                        List.of()));
        for (BufferedImage image : List.of(Curves.draw(panels), Curves.withoutText(panels))) {
            assertTrue(inked(image, 0, 560, 0x0072b2) > 200, "the bound");
            assertTrue(inked(image, 560, 1120, 0x0072b2) > 10_000, "active units");
            assertTrue(inked(image, 560, 1120, 0xd55e00) > 2_000, "inactive units");
        }
        for (int count : new int[] {1, 2, 40, 300}) {
            double[] many = new double[count];
            Arrays.setAll(many, i -> i + 1);
            for (double height : new double[] {0, 1e-12, 2}) {
                double[] heights = new double[count];
                Arrays.fill(heights, height);
                Curves.Series series = new Curves.Series("active", many, heights);
                List<Curves.Panel> panel =
                        List.of(new Curves.Panel("KL", "unit", "nats", List.of(series), Curves.Kind.BARS, List.of()));
                assertTimeoutPreemptively(Duration.ofSeconds(20), () -> Curves.draw(panel));
                Curves.withoutText(panel);
            }
        }
        assertThrows(IllegalArgumentException.class, () -> new Curves.Series("s", x, x, new double[3]));
    }

    @Test
    void theLocaleDoesNotShow() {
        Locale before = Locale.getDefault();
        try {
            Set<List<Integer>> pictures = new HashSet<>();
            for (String tag : new String[] {"en", "de-DE", "tr-TR", "ar-EG-u-nu-arab"}) {
                Locale.setDefault(Locale.forLanguageTag(tag));
                BufferedImage image = Curves.draw(panels());
                int[] pixels = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
                pictures.add(Arrays.stream(pixels).boxed().toList());
            }
            assertEquals(1, pictures.size());
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void aMachineWithoutFontsGetsThePictureAndOneWarning() {
        List<String> said = new ArrayList<>();
        Handler listener = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                said.add(entry.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger(Curves.class.getName());
        logger.addHandler(listener);
        try {
            Curves.WARNED.set(false);
            for (Throwable missing : new Throwable[] {
                new UnsatisfiedLinkError("libfreetype.so.6"),
                new InternalError("Fontconfig head is null"),
                new NullPointerException("no font")
            }) {
                assertDrawn(Curves.draw(panels(), graphics -> {
                    if (missing instanceof Error error) {
                        throw error;
                    }
                    throw (RuntimeException) missing;
                }));
            }
            assertEquals(1, said.size(), said.toString());
            assertTrue(said.get(0).contains("without text"), said.toString());
        } finally {
            logger.removeHandler(listener);
        }
    }
}
