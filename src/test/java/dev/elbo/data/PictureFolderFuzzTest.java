package dev.elbo.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.elbo.data.picture.PictureBytes;
import dev.elbo.data.picture.PictureHeader;
import dev.elbo.fuzz.Hostile;
import dev.elbo.io.ImageShape;
import dev.elbo.io.InputFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

/** Single pictures as they are, and with the checksums put right that nobody guesses. */
@Tag("fuzz")
class PictureFolderFuzzTest {
    /** Bytes of a header, a palette or a file, each copied a few times. */
    private static final long PER_BYTE = 64;
    /** Pixels that so few bytes may stand for: those of PNG's one-bit pixels, packed as densely as deflate can. */
    private static final long DENSEST = 8 * 1032;
    /** Larger ones take their time rightly. */
    private static final int MAX_PIXELS = 1 << 20;
    /** Pixels of those that are written again, one by one. */
    private static final int FEW_PIXELS = 1 << 12;

    private static final PictureOptions SCALED = new PictureOptions(3, 5, PictureOptions.Colour.RGB, 0);

    static Stream<byte[]> seeds() throws IOException {
        int[] samples = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1};
        byte[] palette = {0, 0, 0, -1, -1, -1, 40, 40, 40, -56, 30, 9};
        int[] colours = {0, 1, 2, 3, 3, 2, 1, 0, 0};
        BufferedImage image = PictureBytes.image(
                BufferedImage.TYPE_INT_RGB, 3, 3, 0xff0000, 0xff00, 0xff, 0, 0xffffff, 0x808080, 1, 2, 3);
        BufferedImage grey = PictureBytes.image(BufferedImage.TYPE_BYTE_GRAY, 2, 2, 0, 0x808080, 0xffffff, 0x404040);
        BufferedImage black = PictureBytes.image(BufferedImage.TYPE_BYTE_BINARY, 2, 9, new int[18]);
        byte[] gif = PictureBytes.encoded("gif", image);
        byte[] bmp = PictureBytes.encoded("bmp", grey);
        return Stream.of(
                PictureBytes.png(3, 3, 8, 2, 3, Arrays.copyOf(samples, 27), null, null, false),
                PictureBytes.png(3, 3, 2, 3, 1, colours, palette, new byte[] {0, 127}, true),
                PictureBytes.png(3, 3, 16, 6, 4, new int[36], null, null, true),
                PictureBytes.png(3, 6, 4, 0, 1, samples, null, new byte[] {0, 3}, false),
                PictureBytes.png(3, 3, 8, 4, 2, samples, null, null, false),
                PictureBytes.png(1000, 1000, 1, 0, 1, new int[1_000_000], null, null, false),
                PictureBytes.BOMB,
                PictureBytes.jpeg(image, false),
                PictureBytes.jpeg(image, true),
                PictureBytes.jpeg(grey, true),
                PictureBytes.cmyk(),
                gif,
                Arrays.copyOf(gif, gif.length - 5),
                bmp,
                PictureBytes.encoded("bmp", image),
                PictureBytes.encoded("bmp", black),
                // three pixels of colour 1, then the end, and never a pixel of what is declared
                runs(bmp, 3, 1),
                runs(bmp, 1 << 13, 1 << 13),
                new byte[] {'B', 'M'},
                new byte[0]);
    }

    /** A BMP of 8 bits in run lengths. */
    private static byte[] runs(byte[] bmp, int width, int height) {
        byte[] file = Arrays.copyOf(bmp, bmp.length + 4);
        int start = file[10] & 0xff | (file[11] & 0xff) << 8;
        byte[] header = {
            40,
            0,
            0,
            0,
            (byte) width,
            (byte) (width >> 8),
            0,
            0,
            (byte) height,
            (byte) (height >> 8),
            0,
            0,
            1,
            0,
            8,
            0,
            1
        };
        System.arraycopy(header, 0, file, 14, header.length);
        System.arraycopy(new byte[] {3, 1, 0, 1}, 0, file, start, 4);
        return file;
    }

    @MethodSource("seeds")
    @FuzzTest
    void reads(byte[] content) {
        read(content);
        byte[] mended = PictureBytes.mended(content);
        if (!Arrays.equals(content, mended)) {
            read(mended);
        }
    }

    private static void read(byte[] content) {
        Optional<PictureHeader> judged = Hostile.file(content, PER_BYTE, PictureFolderFuzzTest::header);
        if (judged.isEmpty()) {
            return;
        }
        PictureHeader header = judged.get();
        if (header.pixels() > MAX_PIXELS) {
            assertHeld(content, header);
            return;
        }
        Path file = Hostile.file("hostile", content);
        int bytes = Math.toIntExact(PER_BYTE * content.length + header.memory());
        Hostile.read(bytes, 1, file.toString(), () -> open(file, PictureOptions.DEFAULT))
                .ifPresent(data -> {
                    assertHeld(content, header);
                    again(data, header);
                    assertEquals(
                            Optional.of(new ImageShape(3, 3, 5)),
                            open(Hostile.file("again", content), SCALED).image());
                });
    }

    private static void assertHeld(byte[] content, PictureHeader header) {
        if (header.pixels() > DENSEST * content.length) {
            throw new AssertionError(content.length + " bytes for " + header);
        }
    }

    private static PictureHeader header(Path file) {
        try (InputFile in = InputFile.open(file)) {
            return PictureHeader.of(in);
        }
    }

    private static Dataset open(Path file, PictureOptions options) {
        return new PictureFolder(options, Progress.NONE).open(file).train();
    }

    private static void again(Dataset data, PictureHeader header) {
        int channels = header.grey() ? 1 : 3;
        assertEquals(Optional.of(new ImageShape(channels, header.height(), header.width())), data.image());
        if (header.pixels() > FEW_PIXELS) {
            return;
        }
        int pixels = Math.toIntExact(header.pixels());
        int[] samples = new int[channels * pixels];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = Math.round(255 * data.row(0)[i % channels * pixels + i / channels]);
        }
        byte[] png = channels == 1
                ? PictureBytes.grey(header.height(), header.width(), samples)
                : PictureBytes.rgb(header.height(), header.width(), samples);
        assertArrayEquals(
                data.values(),
                open(Hostile.file("again", png), PictureOptions.DEFAULT).values());
    }
}
