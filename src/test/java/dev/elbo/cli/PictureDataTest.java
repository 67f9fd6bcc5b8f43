package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Skip;
import dev.elbo.data.picture.PictureBytes;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders of pictures as a user gives them, good and bad. */
class PictureDataTest {
    @TempDir
    private Path folder;

    private Path pictures;

    private static Result elbo(String... args) {
        return Result.of(args);
    }

    @BeforeEach
    void somePictures() throws IOException {
        pictures = Files.createDirectories(folder.resolve("pictures"));
        for (int i = 0; i < 12; i++) {
            Files.write(pictures.resolve(i + ".png"), PictureBytes.grey(2, 2, i, 2 * i, 3 * i, 255 - i));
        }
    }

    private Result train(String... more) {
        String run = folder.resolve("run").toString();
        return elbo(Stream.concat(
                        Stream.of(
                                "train",
                                "--data",
                                pictures.toString(),
                                "--out",
                                run,
                                "--hidden",
                                "4",
                                "--latent",
                                "2",
                                "--epochs",
                                "1",
                                "--backend",
                                "cpu"),
                        Stream.of(more))
                .toArray(String[]::new));
    }

    /** Exit code 3, and one line that names the file and what is wrong. */
    private void refused(String file, String... words) {
        long start = System.nanoTime();
        Result result = train();
        assertTrue(System.nanoTime() - start < 20_000_000_000L, "takes too long");
        assertEquals(3, result.code(), result.err());
        List<String> errors =
                result.err().lines().filter(line -> !line.startsWith("note:")).toList();
        String last = errors.get(errors.size() - 1);
        assertTrue(last.contains(file), result.err());
        for (String word : words) {
            assertTrue(last.contains(word), last + " lacks " + word);
        }
        assertTrue(Files.notExists(folder.resolve("run")));
    }

    @Test
    void trainingOnPictures() throws IOException {
        Result result = train("--picture-size", "4x3", "--colour", "rgb");
        assertEquals(0, result.code(), result.err());
        Path out = folder.resolve("r.png");
        String[] reconstruct = {
            "reconstruct",
            folder.resolve("run").toString(),
            "--data",
            pictures.toString(),
            "--backend",
            "cpu",
            "--out",
            out.toString()
        };
        Result again = elbo(reconstruct);
        assertEquals(0, again.code(), again.err());
        assertTrue(Files.exists(out));
        Result other = elbo(Stream.concat(Stream.of(reconstruct), Stream.of("--colour", "grey"))
                .toArray(String[]::new));
        assertEquals(3, other.code(), other.err());
        assertTrue(Files.exists(folder.resolve("run/reconstructions.png")));
    }

    @Test
    void whatIsLeftOutIsSaid() throws IOException {
        Files.writeString(pictures.resolve("labels.txt"), "x");
        Result result = train();
        assertEquals(0, result.code(), result.err());
        assertTrue(result.err().contains("labels.txt"), result.err());
    }

    @Test
    void optionsThatMakeNoSense() {
        for (String size : new String[] {"28", "0x3", "3x0", "-1x3", "x", "99999999x99999999", "2 x 2"}) {
            Result result = train("--picture-size", size);
            assertEquals(2, result.code(), result.err());
            assertTrue(result.err().contains("--picture-size"), result.err());
        }
        Result result = train("--colour", "sepia");
        assertEquals(2, result.code(), result.err());
        assertTrue(result.err().contains("sepia"), result.err());
    }

    @Test
    void aHugeClaim() throws IOException {
        Files.write(pictures.resolve("bomb.png"), PictureBytes.BOMB);
        refused("bomb.png", "60000 × 60000");
    }

    @Test
    void corruptAndTruncated() throws IOException {
        byte[] jpeg = PictureBytes.jpeg(PictureBytes.image(BufferedImage.TYPE_3BYTE_BGR, 2, 2, 1, 2, 3, 4), false);
        Path bad = pictures.resolve("bad.jpg");
        Files.write(bad, java.util.Arrays.copyOf(jpeg, jpeg.length - 5));
        refused("bad.jpg", "truncated");
        byte[] png = PictureBytes.grey(2, 2, 1, 2, 3, 4);
        png[png.length - 20] ^= 1;
        Files.write(bad, png);
        refused("bad.jpg", "checksum");
        Files.write(bad, new byte[0]);
        refused("bad.jpg", "empty");
        Files.writeString(bad, "not a picture at all");
        refused("bad.jpg", "not one of PNG");
    }

    @Test
    void cmyk() throws IOException {
        Files.write(pictures.resolve("print.jpg"), PictureBytes.cmyk());
        refused("print.jpg", "CMYK", "convert");
    }

    @Test
    void mixedSizes() throws IOException {
        Files.write(pictures.resolve("large.png"), PictureBytes.grey(1, 5, 1, 2, 3, 4, 5));
        refused("large.png", "5 × 1", "2 × 2", "--picture-size");
        assertEquals(0, train("--picture-size", "2x2").code());
    }

    @Test
    void paletteAndSixteenBitsAreRead() throws IOException {
        byte[] palette = {1, 1, 1, 2, 2, 2};
        Files.write(
                pictures.resolve("palette.png"),
                PictureBytes.png(2, 2, 1, 3, 1, new int[] {0, 1, 1, 0}, palette, null, true));
        Files.write(
                pictures.resolve("deep.png"),
                PictureBytes.png(2, 2, 16, 0, 1, new int[] {0, 1, 65535, 3}, null, null, false));
        assertEquals(0, train().code());
    }

    @Test
    void links() throws IOException {
        Path link = pictures.resolve("link.png");
        Files.createSymbolicLink(link, link);
        refused("link.png", "broken link");
        Files.delete(link);
        Files.createSymbolicLink(link, folder.resolve("nothing"));
        refused("link.png", "broken link");
        Files.delete(link);
        Files.createSymbolicLink(link, pictures.resolve("3.png"));
        assertEquals(0, train().code());
    }

    @Test
    void loops() throws IOException {
        Files.createSymbolicLink(pictures.resolve("loop"), pictures);
        refused("loop", "this loop");
    }

    @Test
    void pipesDevicesAndFolders() throws IOException, InterruptedException {
        Path pipe = pictures.resolve("pipe.png");
        Skip.unless(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "mkfifo does not work here");
        refused("pipe.png", "device, pipe or socket");
        Files.delete(pipe);
        Files.createSymbolicLink(pipe, Path.of("/dev/zero"));
        refused("pipe.png", "device, pipe or socket");
        Files.delete(pipe);
        Files.createDirectory(pipe);
        Files.write(pipe.resolve("x.png"), PictureBytes.grey(2, 2, 1, 2, 3, 4));
        refused("pictures", "beside folders of pictures");
    }

    @Test
    void nothingToRead() throws IOException {
        pictures = Files.createDirectories(folder.resolve("empty"));
        refused("empty", "no picture");
    }
}
