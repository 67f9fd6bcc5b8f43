package dev.elbo.data;

import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.elbo.error.ElboException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pixels whose white is not what their kind of numbers says. */
class PixelScaleTest {
    private static final int WIDTH = 3;

    @TempDir
    private Path folder;

    /** What pixels come in, and the largest number that it holds. */
    enum Form {
        NPY_BYTES(255) {
            @Override
            byte[] written(int[] pixels) {
                return npy("|u1", 1, pixels);
            }
        },
        NPY_SHORTS(65535) {
            @Override
            byte[] written(int[] pixels) {
                return npy("<u2", 2, pixels);
            }
        },
        NPY_FLOATS(65535) {
            @Override
            byte[] written(int[] pixels) {
                return npy("<f4", 4, pixels);
            }
        },
        NPY_DOUBLES(65535) {
            @Override
            byte[] written(int[] pixels) {
                return npy("<f8", 8, pixels);
            }
        },
        NPZ(65535) {
            @Override
            byte[] written(int[] pixels) {
                return ZipBytes.zip(true, Map.of("x.npy", npy("<f4", 4, pixels)));
            }
        },
        IDX_BYTES(255) {
            @Override
            byte[] written(int[] pixels) {
                return idx(0x08, 1, pixels);
            }
        },
        IDX_DOUBLES(65535) {
            @Override
            byte[] written(int[] pixels) {
                return idx(0x0e, 8, pixels);
            }
        },
        CSV(65535) {
            @Override
            byte[] written(int[] pixels) {
                return IntStream.range(0, pixels.length / WIDTH)
                        .mapToObj(row -> Arrays.stream(pixels, row * WIDTH, (row + 1) * WIDTH)
                                .mapToObj(Integer::toString)
                                .collect(Collectors.joining(",", "", "\n")))
                        .collect(Collectors.joining())
                        .getBytes();
            }
        };

        private final int largest;

        Form(int largest) {
            this.largest = largest;
        }

        abstract byte[] written(int[] pixels);

        private static void put(ByteBuffer into, int width, int pixel) {
            switch (width) {
                case 1 -> into.put((byte) pixel);
                case 2 -> into.putShort((short) pixel);
                case 4 -> into.putFloat(pixel);
                default -> into.putDouble(pixel);
            }
        }

        private static byte[] npy(String type, int width, int[] pixels) {
            ByteBuffer values = ByteBuffer.allocate(width * pixels.length).order(ByteOrder.LITTLE_ENDIAN);
            Arrays.stream(pixels).forEach(pixel -> put(values, width, pixel));
            return NpyBytes.npy(type, false, "(" + pixels.length / WIDTH + ", " + WIDTH + ")", values.array());
        }

        private static byte[] idx(int type, int width, int[] pixels) {
            ByteBuffer values = ByteBuffer.allocate(12 + width * pixels.length);
            values.putInt(type << 8 | 2).putInt(pixels.length / WIDTH).putInt(WIDTH);
            Arrays.stream(pixels).forEach(pixel -> put(values, width, pixel));
            return values.array();
        }
    }

    private static ReadOptions white(int white) {
        return ReadOptions.DEFAULT.withPictures(new PictureOptions(0, 0, PictureOptions.Colour.AUTO, white));
    }

    private Dataset read(Form form, int[] pixels, ReadOptions options) throws IOException {
        Path file = Files.write(folder.resolve("pixels"), form.written(pixels));
        return Datasets.standard()
                .open(List.of(file.toString()), options, Progress.NONE)
                .train();
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void whiteIsWhatItIsSaidToBe(Form form) throws IOException {
        Random random = new Random(form.ordinal());
        for (int round = 0; round < 20; round++) {
            int white = 1 + random.nextInt(round % 2 == 0 ? 255 : form.largest);
            int[] pixels =
                    random.ints(WIDTH * (1 + random.nextInt(20)), 0, white + 1).toArray();
            Dataset data = read(form, pixels, white(white));
            float[] values = data.values();
            for (int i = 0; i < values.length; i++) {
                float expected = data.isBytes() ? pixels[i] * (1f / white) : (float) ((double) pixels[i] / white);
                assertEquals(expected, values[i], "white " + white);
            }
            if (white < form.largest) {
                int bad = random.nextInt(pixels.length);
                pixels[bad] = white + 1;
                refused(
                        () -> read(form, pixels, white(white)),
                        form == Form.CSV
                                ? "line " + (1 + bad / WIDTH) + ", column " + (1 + bad % WIDTH)
                                : "row " + bad / WIDTH + ", column " + bad % WIDTH + " (from 0)",
                        "is " + (white + 1) + ".0",
                        "outside of 0 to " + white,
                        "pixelMax " + white);
            }
        }
    }

    @Test
    void zerosAndOnesOfBytesAreRefusedUntilItIsSaidWhatTheyAre() throws IOException {
        int[] pixels = {0, 1, 1, 0, 0, 1};
        refused(() -> read(Form.NPY_BYTES, pixels, ReadOptions.DEFAULT), "only 0 and 1", "pixelMax 1");
        assertArrayEquals(
                new float[] {0, 1, 1, 0, 0, 1},
                read(Form.NPY_BYTES, pixels, white(1)).values());
    }

    @Test
    void whatNoSampleIsIsNoWhite() {
        for (int white : new int[] {-1, 65536}) {
            assertEquals(
                    "pixelMax must be a whole number from 1 to 65535, not " + white,
                    assertThrows(IllegalArgumentException.class, () -> white(white))
                            .getMessage());
        }
        ElboException known = assertThrows(
                ElboException.class, () -> Datasets.standard().open(List.of("digits"), white(255), Progress.NONE));
        assertEquals(ElboException.Kind.USAGE, known.kind());
    }
}
