package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.elbo.data.NpyBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data of 100 MB in a Java of 32: mapped, or spilled to the cache folder, with the results of a large heap. */
class LargeDataTest {
    private static final int ROWS = 98_304;
    private static final int FEATURES = 256;
    /** So many numbers are worth the second compiler. */
    private static final String COMPILERS = "-XX:TieredStopAtLevel=4";

    private static final List<String> SMALL = List.of("-Xmx32m", COMPILERS);
    private static final List<String> LARGE = List.of("-Xmx2g", COMPILERS);

    @TempDir
    static Path folder;

    private static Path plain;
    private static Path packed;

    @BeforeAll
    static void write() throws IOException {
        plain = folder.resolve("large.npy");
        packed = folder.resolve("large.npy.gz");
        String text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + ROWS + ", " + FEATURES + "), }";
        ByteBuffer header = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
        header.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) 118);
        header.put((text + " ".repeat(117 - text.length()) + "\n").getBytes());
        try (OutputStream one = Files.newOutputStream(plain);
                OutputStream other = new GZIPOutputStream(Files.newOutputStream(packed), 1 << 16)) {
            one.write(header.array());
            other.write(header.array());
            ByteBuffer row = ByteBuffer.allocate(4 * FEATURES).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < ROWS; i++) {
                for (int j = 0; j < FEATURES; j++) {
                    row.putFloat(4 * j, ((i * 31 + j * 7) % 251) / 256f);
                }
                one.write(row.array());
                other.write(row.array());
            }
        }
        assertTrue(Files.size(plain) > 100_000_000);
    }

    private static byte[] trained(List<String> java, Path data, String run) throws IOException, InterruptedException {
        Path out = folder.resolve(run);
        ChildJvm child = ChildJvm.run(
                folder,
                java,
                ("train --hidden 8 --latent 2 --epochs 1 --batch 512 --backend cpu --threads 2 --likelihood bernoulli"
                                + " --data " + data + " --out " + out)
                        .split(" "));
        assertEquals(0, child.exit(), child.err());
        return Files.readAllBytes(out.resolve("model.safetensors"));
    }

    @Test
    void aHeapOfAThirdOfTheDataTrainsTheSameWeights() throws IOException, InterruptedException {
        byte[] small = trained(SMALL, plain, "small");
        assertArrayEquals(trained(LARGE, plain, "large"), small);
        Path other = Files.move(plain, folder.resolve("moved"));
        try {
            // Under the same name, as the model's file tells it.
            Files.move(packed, plain);
            assertArrayEquals(small, trained(SMALL, plain, "packed"));
        } finally {
            Files.move(plain, packed);
            Files.move(other, plain);
        }
        try (Stream<Path> left = Files.list(folder.resolve("cache"))) {
            List<Path> spilled = left.filter(
                            file -> !file.getFileName().toString().startsWith("openblas-"))
                    .toList();
            assertEquals(List.of(), spilled, "what was spilled is gone");
        }
    }

    @Test
    void theyAreDescribed() throws IOException, InterruptedException {
        ChildJvm child = ChildJvm.run(folder, SMALL, "data", "info", "--json", plain.toString());
        assertEquals(0, child.exit(), child.err());
        JsonObject json =
                JsonParser.parseString(child.out()).getAsJsonArray().get(0).getAsJsonObject();
        assertEquals(ROWS, json.get("examples").getAsInt());
        assertTrue(json.get("mapped").getAsBoolean());
        assertEquals(250 / 256f, json.get("max").getAsFloat());
        assertFalse(json.get("binary").getAsBoolean());
        assertTrue(json.get("bernoulli").getAsBoolean());
    }

    /** 20 MB each, where 8 stay on the heap; the mean is that of the values that were written. */
    @Test
    void otherFormatsStayInTheirFilesToo() throws IOException, InterruptedException {
        int rows = 5_000;
        byte[] values = new byte[rows * 4096];
        new SplittableRandom(1).nextBytes(values);
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) ((values[i] & 0xff) % 251);
        }
        double mean = mean(values);
        byte[] idx = ByteBuffer.allocate(16 + values.length)
                .putInt(0x803)
                .putInt(rows)
                .putInt(64)
                .putInt(64)
                .put(values)
                .array();
        describes(Files.write(folder.resolve("large.idx"), idx), mean, true);
        byte[] npy = NpyBytes.npy("|u1", false, "(5000, 64, 64)", values);
        byte[] fortran = NpyBytes.npy("|u1", true, "(5000, 64, 64)", values);
        describes(zip("stored.npz", npy, ZipEntry.STORED), mean, true);
        describes(zip("deflated.npz", npy, ZipEntry.DEFLATED), mean, true);
        describes(Files.write(folder.resolve("fortran.npy"), fortran), mean, true);
        byte[] few = Arrays.copyOf(values, 1000 * 4096);
        byte[] small = NpyBytes.npy("|u1", false, "(1000, 4096)", few);
        describes(Files.write(folder.resolve("few.npy"), small), mean(few), false);
        byte[] bomb = gzip(NpyBytes.npy("|u1", false, "(5000, 4096)", new byte[values.length]));
        ChildJvm child = ChildJvm.run(
                folder,
                SMALL,
                "data",
                "info",
                Files.write(folder.resolve("bomb.gz"), bomb).toString());
        assertEquals(3, child.exit(), child.err());
        assertTrue(child.err().contains("200 times"), child.err());
    }

    private static double mean(byte[] values) {
        long sum = 0;
        for (byte value : values) {
            sum += value & 0xff;
        }
        return sum / 255.0 / values.length;
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    private static Path zip(String name, byte[] array, int method) throws IOException {
        Path file = folder.resolve(name);
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            ZipEntry entry = new ZipEntry("x.npy");
            CRC32 crc = new CRC32();
            crc.update(array);
            entry.setMethod(method);
            entry.setSize(array.length);
            entry.setCrc(crc.getValue());
            out.putNextEntry(entry);
            out.write(array);
        }
        return file;
    }

    private static void describes(Path file, double mean, boolean mapped) throws IOException, InterruptedException {
        ChildJvm child = ChildJvm.run(folder, SMALL, "data", "info", "--json", file.toString());
        assertEquals(0, child.exit(), child.err());
        JsonObject json =
                JsonParser.parseString(child.out()).getAsJsonArray().get(0).getAsJsonObject();
        assertEquals(mapped, json.get("mapped").getAsBoolean(), file.toString());
        assertEquals(4096, json.get("features").getAsInt());
        assertEquals(250 * (1 / 255f), json.get("max").getAsFloat());
        assertEquals(mean, json.get("mean").getAsDouble(), 1e-6);
    }
}
