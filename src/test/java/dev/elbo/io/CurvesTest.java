package dev.elbo.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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
    void pointsThatAreNotFiniteAreLeftOut() {
        double[] x = {1, 2, 3};
        for (double[] y : new double[][] {
            {Double.NaN, 1, 2}, {Double.NaN, Double.NaN, Double.NaN}, {1, Double.POSITIVE_INFINITY, 1}, {5, 5, 5}
        }) {
            List<Curves.Panel> panel = List.of(new Curves.Panel("t", "x", "y", List.of(new Curves.Series("s", x, y))));
            assertEquals(560, Curves.draw(panel).getWidth());
            assertEquals(560, Curves.withoutText(panel).getWidth());
        }
        Curves.Series one = new Curves.Series("s", new double[] {1}, new double[] {2});
        BufferedImage single = Curves.draw(List.of(new Curves.Panel("t", "x", "y", List.of(one))));
        assertTrue(inked(single, 0, 560, 0x0072b2) > 20, "one epoch shows as a point");
        Curves.draw(List.of(new Curves.Panel("t", "x", "y", List.of())));
        assertThrows(IllegalArgumentException.class, () -> Curves.draw(List.of()));
        assertThrows(IllegalArgumentException.class, () -> new Curves.Series("s", x, new double[2]));
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

    /** What the process without fonts runs. */
    public static final class WithoutFonts {
        public static void main(String[] arguments) {
            Curves.writePng(Path.of(arguments[0]), panels());
            Curves.writePng(Path.of(arguments[0]), panels());
        }
    }

    @Test
    void aMachineWithoutFontsGetsThePictureAndOneWarning() throws Exception {
        Path fonts = Files.createDirectory(folder.resolve("fonts"));
        Path config =
                Files.writeString(folder.resolve("fonts.conf"), "<fontconfig><dir>" + fonts + "</dir></fontconfig>");
        Path picture = folder.resolve("curves.png");
        Path log = folder.resolve("log");
        String classes = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.awt.headless=true",
                "-Dsun.java2d.fontpath=" + fonts,
                // Java remembers the fonts it once found in a file of the home folder.
                "-Duser.home=" + folder,
                "-cp",
                classes,
                WithoutFonts.class.getName(),
                picture.toString());
        builder.environment().put("FONTCONFIG_FILE", config.toString());
        Process process =
                builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        String said = Files.readString(log, StandardCharsets.UTF_8);
        assertEquals(0, process.exitValue(), said);
        assertEquals(1, said.split("without text", -1).length - 1, said);
        assertDrawn(ImageIO.read(picture.toFile()));
    }
}
