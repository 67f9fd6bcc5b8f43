package dev.elbo.data.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import dev.elbo.io.Failures;
import dev.elbo.io.ImageShape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PictureTest {
    private static final int[] PALETTE = {0xffff0000, 0xff00ff00, 0xff0000ff, 0xff808080, 0x00123456};

    private static void has(Picture picture, int channels, int height, int width, int... values) {
        assertEquals(new ImageShape(channels, height, width), picture.shape());
        int[] found = IntStream.range(0, picture.samples().length)
                .map(i -> picture.samples()[i])
                .toArray();
        assertArrayEquals(values, found);
    }

    private static Picture decode(byte[] file) {
        return Picture.decode("x.png", file);
    }

    /** In whole numbers, rounded half up: an alpha of 16 bits leaves no room for float64's own rounding. */
    private static int onWhite(long value, long alpha, long white) {
        return (int) ((2 * (value * alpha + white * (white - alpha)) + white) / (2 * white));
    }

    @ParameterizedTest
    @CsvSource({
        "0,1,1", "0,2,1", "0,4,1", "0,8,1", "0,16,1", "2,8,3", "2,16,3", "3,1,1", "3,2,1", "3,4,1", "3,8,1", "4,8,2",
        "4,16,2", "6,8,4", "6,16,4"
    })
    void everyKindOfPng(int type, int depth, int channels) {
        int height = 11;
        int width = 13;
        Random random = new Random(depth * 10 + type);
        int[] samples =
                random.ints((long) height * width * channels, 0, 1 << depth).toArray();
        byte[] palette = new byte[3 << Math.min(8, depth)];
        random.nextBytes(palette);
        int most = (1 << depth) - 1;
        int white = depth == 16 ? 65535 : 255;
        int[] expected = new int[3 * height * width];
        for (int i = 0; i < height * width; i++) {
            for (int c = 0; c < 3; c++) {
                int sample = samples[i * channels + (channels >= 3 ? c : 0)];
                int value = type == 3 ? palette[3 * sample + c] & 0xff : sample * (white / most);
                int alpha = channels % 2 == 0 ? samples[(i + 1) * channels - 1] * (white / most) : white;
                expected[c * height * width + i] = onWhite(value, alpha, white);
            }
        }
        boolean grey = type == 0 || type == 4;
        for (boolean interlaced : new boolean[] {false, true}) {
            Picture picture = decode(PictureBytes.png(
                    height, width, depth, type, channels, samples, type == 3 ? palette : null, null, interlaced));
            has(picture, grey ? 1 : 3, height, width, grey ? Arrays.copyOf(expected, height * width) : expected);
            assertEquals(white, picture.white());
        }
    }

    @Test
    void coloursMayBeTransparent() {
        byte[] palette = {10, 10, 10, 20, 20, 20};
        has(
                decode(PictureBytes.png(1, 2, 1, 3, 1, new int[] {0, 1}, palette, new byte[] {51}, false)),
                1,
                1,
                2,
                206,
                20);
        byte[] greyKey = {0, 7};
        has(decode(PictureBytes.png(1, 3, 8, 0, 1, new int[] {6, 7, 8}, null, greyKey, false)), 1, 1, 3, 6, 255, 8);
        byte[] key = {1, 2, 3, 4, 5, 6};
        int[] samples = {0x102, 0x304, 0x506, 0x102, 0x304, 0x507};
        has(
                decode(PictureBytes.png(1, 2, 16, 2, 3, samples, null, key, false)),
                3,
                1,
                2,
                65535,
                0x102,
                65535,
                0x304,
                65535,
                0x507);
    }

    @Test
    void textAndProfilesOfPngAreLeftOut() {
        byte[] plain = PictureBytes.grey(1, 2, 3, 4);
        ByteArrayOutputStream more = new ByteArrayOutputStream();
        more.write(plain, 0, 33);
        more.writeBytes(PictureBytes.chunk("gAMA", new byte[] {0, 0, 1, 0}));
        more.writeBytes(PictureBytes.chunk("iCCP", "no profile".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
        more.writeBytes(PictureBytes.chunk("zTXt", new byte[] {1, 2, 3}));
        more.write(plain, 33, plain.length - 33);
        more.writeBytes(new byte[] {1, 2, 3});
        has(decode(more.toByteArray()), 1, 1, 2, 3, 4);
    }

    @Test
    void gifs() throws IOException {
        int[] numbers = IntStream.range(0, 21 * 17).map(i -> i * i % 7 % 5).toArray();
        int[] expected = new int[3 * numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            for (int c = 0; c < 3; c++) {
                int colour = PALETTE[numbers[i]];
                expected[c * numbers.length + i] = colour >>> 24 == 0 ? 255 : colour >> 16 - 8 * c & 0xff;
            }
        }
        BufferedImage image = PictureBytes.indexed(21, 17, PALETTE, numbers);
        has(decode(PictureBytes.encoded("gif", image)), 3, 21, 17, expected);
        has(decode(PictureBytes.interlacedGif(image)), 3, 21, 17, expected);
    }

    /** Long enough that the table of codes is full and made anew. */
    @Test
    void aLongGif() throws IOException {
        Random random = new Random(3);
        int[] grey = IntStream.range(0, 256).map(i -> 0xff000000 | i * 0x10101).toArray();
        int[] numbers =
                random.ints(200 * 300, 0, 256).map(i -> i & random.nextInt(256)).toArray();
        Picture picture = decode(PictureBytes.encoded("gif", PictureBytes.indexed(200, 300, grey, numbers)));
        has(picture, 1, 200, 300, numbers);
    }

    @Test
    void aGifMayLieOnALargerScreen() throws IOException {
        int[] colours = {0xff000000, 0xffffffff};
        byte[] file = PictureBytes.encoded("gif", PictureBytes.indexed(1, 2, colours, 0, 1));
        file[6] = 3;
        file[8] = 2;
        int descriptor = new String(file, java.nio.charset.StandardCharsets.ISO_8859_1).lastIndexOf(",\0\0\0\0");
        file[descriptor + 1] = 1;
        file[descriptor + 3] = 1;
        has(decode(file), 1, 2, 3, 255, 255, 255, 255, 0, 255);
        file[descriptor + 1] = 2;
        Failures.refused(() -> decode(file), "x.png", "screen");
    }

    @Test
    void bmps() throws IOException {
        int[] rgb = {0xff102030, 0xff405060, 0xff708090, 0xffa0b0c0, 0xffd0e0f0, 0xff000000};
        int[] expected = {
            0x10, 0x40, 0x70, 0xa0, 0xd0, 0, 0x20, 0x50, 0x80, 0xb0, 0xe0, 0, 0x30, 0x60, 0x90, 0xc0, 0xf0, 0
        };
        byte[] file = PictureBytes.encoded("bmp", PictureBytes.image(BufferedImage.TYPE_3BYTE_BGR, 2, 3, rgb));
        has(decode(file), 3, 2, 3, expected);
        int[] opaque = {0xff000000, 0xff333333, 0xffeeeeee, 0xff444444, 0xff555555};
        BufferedImage grey = PictureBytes.indexed(2, 3, opaque, 0, 1, 2, 2, 1, 0);
        has(decode(PictureBytes.encoded("bmp", grey)), 1, 2, 3, 0, 0x33, 0xee, 0xee, 0x33, 0);
    }

    private static BufferedImage photo(int type) {
        BufferedImage image = new BufferedImage(37, 29, type);
        for (int y = 0; y < 29; y++) {
            for (int x = 0; x < 37; x++) {
                image.setRGB(x, y, 5 * x + 2 * y << 16 | 255 - 6 * x << 8 | 3 * x + 4 * y);
            }
        }
        return image;
    }

    @Test
    void jpegs() throws IOException {
        BufferedImage image = photo(BufferedImage.TYPE_3BYTE_BGR);
        Picture baseline = decode(PictureBytes.jpeg(image, false));
        assertEquals(new ImageShape(3, 29, 37), baseline.shape());
        for (int i = 0; i < baseline.samples().length; i++) {
            int pixel = image.getRGB(i % 37, i / 37 % 29) >> 16 - 8 * (i / 37 / 29) & 0xff;
            assertEquals(pixel, baseline.samples()[i], 12, "value " + i);
        }
        assertArrayEquals(
                baseline.samples(), decode(PictureBytes.jpeg(image, true)).samples());

        BufferedImage grey = photo(BufferedImage.TYPE_BYTE_GRAY);
        Picture ofGrey = decode(PictureBytes.jpeg(grey, false));
        assertEquals(new ImageShape(1, 29, 37), ofGrey.shape());
        for (int i = 0; i < ofGrey.samples().length; i++) {
            assertEquals(grey.getRaster().getSample(i % 37, i / 37, 0), ofGrey.samples()[i], 2, "value " + i);
        }
    }

    @Test
    void orientationAndProfilesOfJpegAreLeftOut() throws IOException {
        byte[] plain = PictureBytes.jpeg(photo(BufferedImage.TYPE_3BYTE_BGR), false);
        byte[] exif = {
            (byte) 0xff,
            (byte) 0xe1,
            0,
            34,
            'E',
            'x',
            'i',
            'f',
            0,
            0,
            'M',
            'M',
            0,
            42,
            0,
            0,
            0,
            8,
            0,
            1,
            1,
            0x12,
            0,
            3,
            0,
            0,
            0,
            1,
            0,
            6,
            0,
            0,
            0,
            0,
            0,
            0
        };
        byte[] profile = {
            (byte) 0xff, (byte) 0xe2, 0, 16, 'I', 'C', 'C', '_', 'P', 'R', 'O', 'F', 'I', 'L', 'E', 0, 1, 1
        };
        ByteArrayOutputStream more = new ByteArrayOutputStream();
        more.write(plain, 0, 2);
        more.writeBytes(exif);
        more.writeBytes(profile);
        more.write(plain, 2, plain.length - 2);
        assertArrayEquals(decode(plain).samples(), decode(more.toByteArray()).samples());
    }

    @Test
    void whatIsNotReadSaysWhy() throws IOException {
        Failures.refused(() -> decode(PictureBytes.cmyk()), "x.png", "CMYK", "convert it to RGB");
        byte[] lossless = PictureBytes.jpeg(photo(BufferedImage.TYPE_BYTE_GRAY), false);
        for (int i = 0; i < lossless.length - 1; i++) {
            if ((lossless[i] & 0xff) == 0xff && (lossless[i + 1] & 0xff) == 0xc0) {
                lossless[i + 1] = (byte) 0xc3;
            }
        }
        Failures.refused(() -> decode(lossless), "x.png", "lossless");
        Failures.refused(() -> decode(new byte[0]), "x.png", "empty");
        Failures.refused(
                () -> decode("hello".getBytes(java.nio.charset.StandardCharsets.US_ASCII)), "not one of PNG, JPEG");
        byte[] animated = PictureBytes.grey(1, 1, 0);
        ByteArrayOutputStream newer = new ByteArrayOutputStream();
        newer.write(animated, 0, 33);
        newer.writeBytes(PictureBytes.chunk("NEWx", new byte[0]));
        newer.write(animated, 33, animated.length - 33);
        Failures.refused(() -> decode(newer.toByteArray()), "critical chunk of an unknown kind");
    }

    @Test
    void aSmallFileThatClaimsToBeHugeIsRefusedAtOnce() {
        assertEquals(57, PictureBytes.BOMB.length);
        long start = System.nanoTime();
        Failures.refused(() -> decode(PictureBytes.BOMB), "x.png", "60000 × 60000");
        Failures.refused(() -> decode(PictureBytes.claim(8000, 8000)), "8000 × 8000", "cannot hold");
        assertTrue(System.nanoTime() - start < 1_000_000_000L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg", "bmp", "gif"})
    void everyTruncationIsRefused(String format) throws IOException {
        byte[] whole = sample(format);
        // what ends a GIF after its last pixel (a code, a block, a byte) may be missing
        int last = format.equals("gif") ? whole.length - 5 : whole.length - 1;
        for (int length = 0; length <= last; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            Failures.refused(() -> decode(part), "x.png");
        }
    }

    private static byte[] sample(String format) throws IOException {
        return switch (format) {
            case "png" -> PictureBytes.png(5, 6, 4, 3, 1, new int[30], new byte[48], new byte[3], true);
            case "jpeg" -> PictureBytes.jpeg(photo(BufferedImage.TYPE_3BYTE_BGR), true);
            case "bmp" -> PictureBytes.encoded("bmp", photo(BufferedImage.TYPE_3BYTE_BGR));
            default ->
                PictureBytes.encoded(
                        "gif",
                        PictureBytes.indexed(
                                9,
                                9,
                                PALETTE,
                                IntStream.range(0, 81).map(i -> i % 4).toArray()));
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg", "bmp", "gif"})
    void randomEditsOnlyEverGiveTheTypedError(String format) throws IOException {
        byte[] good = sample(format);
        Random random = new Random(1);
        int refused = 0;
        for (int round = 0; round < 2000; round++) {
            byte[] bad = random.nextInt(8) == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
            for (int edits = random.nextInt(4); edits >= 0 && bad.length > 0; edits--) {
                // headers are short, and more interesting than pixels
                int at = random.nextInt(random.nextBoolean() ? Math.min(64, bad.length) : bad.length);
                bad[at] = (byte) random.nextInt(256);
            }
            try {
                decode(bad);
            } catch (ElboException e) {
                assertEquals(ElboException.Kind.DATA, e.kind(), e.getMessage());
                refused++;
            }
        }
        assertTrue(refused > 300, format + ": " + refused);
    }

    @Test
    void colours() {
        Picture picture = decode(PictureBytes.rgb(1, 3, 255, 0, 0, 0, 255, 0, 0, 0, 255));
        has(picture.withChannels(1), 1, 1, 3, 76, 150, 29);
        has(picture.withChannels(1).withChannels(3), 3, 1, 3, 76, 150, 29, 76, 150, 29, 76, 150, 29);
    }

    /** The bits beyond 8 count in luma, and 8 bits become 16 without a loss. */
    @Test
    void deepSamples() {
        int[] samples = {65535, 1, 0, 257, 256, 258};
        Picture deep = decode(PictureBytes.png(1, 2, 16, 2, 3, samples, null, null, false));
        has(
                deep.withChannels(1),
                1,
                1,
                2,
                (299 * 65535 + 587 + 500) / 1000,
                (299 * 257 + 587 * 256 + 114 * 258 + 500) / 1000);
        has(decode(PictureBytes.grey(1, 3, 0, 100, 255)).deep(), 1, 1, 3, 0, 25700, 65535);
        has(deep.deep(), 3, 1, 2, 65535, 257, 1, 256, 0, 258);
    }
}
