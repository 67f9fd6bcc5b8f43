package dev.elbo.io;

import static dev.elbo.io.Failures.refused;
import static dev.elbo.io.Failures.refusedCheaply;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeTensorsTest {
    @TempDir
    Path folder;

    private static SafeTensors example() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("spec", "{\"latent\":2}\n\u2028é");
        metadata.put("a", "");
        Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();
        tensors.put("mu.weight", new SafeTensors.Entry(new int[] {2, 3}, new float[] {1, -2, 3.5f, 0, -0f, 1e-40f}));
        tensors.put("mu.bias", new SafeTensors.Entry(new int[] {2}, new float[] {7, Float.MAX_VALUE}));
        tensors.put("empty", new SafeTensors.Entry(new int[] {0, 4}, new float[0]));
        tensors.put("scalar", new SafeTensors.Entry(new int[0], new float[] {-1}));
        return new SafeTensors(metadata, tensors);
    }

    private static void assertSame(SafeTensors expected, SafeTensors actual) {
        assertEquals(expected.metadata(), actual.metadata());
        assertEquals(
                List.copyOf(expected.metadata().keySet()),
                List.copyOf(actual.metadata().keySet()));
        assertEquals(
                List.copyOf(expected.tensors().keySet()),
                List.copyOf(actual.tensors().keySet()));
        expected.tensors().forEach((name, entry) -> {
            assertArrayEquals(entry.shape(), actual.tensors().get(name).shape(), name);
            assertArrayEquals(entry.values(), actual.tensors().get(name).values(), name);
        });
    }

    @Test
    void roundTrip() {
        Path file = folder.resolve("model.safetensors");
        example().write(file);
        assertSame(example(), SafeTensors.read(file));
        assertSame(example(), SafeTensors.readSealed(file));
    }

    @Test
    void roundTripAcrossChunks() {
        float[] values = new float[100_003];
        for (int i = 0; i < values.length; i++) {
            values[i] = i * 0.5f;
        }
        Path file = folder.resolve("large.safetensors");
        SafeTensors large =
                new SafeTensors(Map.of(), Map.of("w", new SafeTensors.Entry(new int[] {values.length}, values)));
        large.write(file);
        assertSame(large, SafeTensors.read(file));
    }

    /** The bytes were laid out by hand; the digest was computed by another program over the same bytes with zeros. */
    @Test
    void theBytesAreTheSpecifiedOnes() throws IOException {
        Path file = folder.resolve("tiny.safetensors");
        Map<String, SafeTensors.Entry> tensors =
                Map.of("bb", new SafeTensors.Entry(new int[] {2}, new float[] {1, -2}));
        new SafeTensors(Map.of("k", "v"), tensors).write(file);
        String header = "{\"__metadata__\":{\"elbo.sha256\":"
                + "\"DIGEST\",\"k\":\"v\"},"
                + "\"bb\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
        ByteBuffer expected = ByteBuffer.allocate(8 + 168 + 8).order(ByteOrder.LITTLE_ENDIAN);
        expected.putLong(168);
        String digest = "2380730c4249e7c8b5b774261212f9196b5370b321ecc56244b2cb67cd0892c6";
        expected.put((header.replace("DIGEST", digest) + " ".repeat(168 - header.length() - 58))
                .getBytes(StandardCharsets.US_ASCII));
        expected.put(HexFormat.of().parseHex("0000803f000000c0"));
        assertEquals(HexFormat.of().formatHex(expected.array()), HexFormat.of().formatHex(Files.readAllBytes(file)));
    }

    @Test
    void everyFlippedByteAndEveryTruncationIsNoticed() throws IOException {
        Path file = folder.resolve("model.safetensors");
        example().write(file);
        byte[] good = Files.readAllBytes(file);
        for (int at = 0; at < good.length; at++) {
            for (int mask : new int[] {0x01, 0x80, 0x29}) {
                byte[] bad = good.clone();
                bad[at] ^= (byte) mask;
                Files.write(file, bad);
                refused(() -> SafeTensors.readSealed(file), file.toString());
            }
        }
        for (int length = 0; length < good.length; length++) {
            Files.write(file, Arrays.copyOf(good, length));
            refused(() -> SafeTensors.readSealed(file), file.toString());
        }
        Files.write(file, Arrays.copyOf(good, good.length + 1));
        refused(() -> SafeTensors.readSealed(file), "trailing");
    }

    private Path file(String header, int dataBytes) throws IOException {
        return file(header.getBytes(StandardCharsets.UTF_8), dataBytes);
    }

    private Path file(byte[] header, int dataBytes) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length).put(header);
        return Files.write(folder.resolve("hostile.safetensors"), bytes.array());
    }

    private static String tensor(String name, String shape, String offsets) {
        return "\"" + name + "\":{\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
    }

    @Test
    void filesOfOtherWritersAreRead() throws IOException {
        Path file = file(
                "{\"b\":{\"data_offsets\":[8,16],\"shape\":[1],\"dtype\":\"F64\"}," + tensor("a", "[2,1]", "[0,8]")
                        + "}  ",
                16);
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putDouble(bytes.length - 8, 0.1);
        Files.write(file, bytes);
        SafeTensors read = SafeTensors.read(file);
        assertEquals(List.of("b", "a"), List.copyOf(read.tensors().keySet()));
        assertEquals(0.1f, read.tensors().get("b").values()[0]);
        refused(() -> SafeTensors.readSealed(file), "no digest");
    }

    @Test
    void hostileHeadersAreRefused() throws IOException {
        Map<String, String> cases = new LinkedHashMap<>();
        String a = tensor("a", "[1]", "[0,4]");
        cases.put("{" + tensor("a", "[1]", "[0,4]") + "," + tensor("b", "[1]", "[0,4]") + "}", "overlap");
        cases.put("{" + tensor("a", "[1]", "[4,8]") + "}", "hole");
        cases.put("{" + a + "}", "trailing");
        cases.put("{" + tensor("a", "[4]", "[0,16]") + "}", "declares 16 bytes of data, the file has 8");
        cases.put("{" + tensor("a", "[2]", "[8,0]") + "}", "needs 8 bytes");
        cases.put("{" + tensor("a", "[3]", "[0,8]") + "}", "needs 12 bytes");
        cases.put("{" + tensor("a", "[2,4294967296]", "[0,8]") + "}", "dimension of 4294967296");
        cases.put("{" + tensor("a", "[65536,65536,65536,65536]", "[0,0]") + "}", "elements");
        cases.put("{" + tensor("a", "[2147483647,2147483647,0]", "[0,8]") + "}", "elements");
        cases.put("{" + tensor("a", "[-2]", "[0,8]") + "}", "whole numbers");
        cases.put("{" + tensor("a", "[2.0]", "[0,8]") + "}", "whole numbers");
        cases.put("{" + tensor("a", "[2e0]", "[0,8]") + "}", "whole numbers");
        cases.put("{" + tensor("a", "[\"2\"]", "[0,8]") + "}", "whole numbers");
        cases.put("{" + tensor("a", "[NaN]", "[0,8]") + "}", "JSON");
        cases.put("{" + tensor("a", "[02]", "[0,8]") + "}", "JSON");
        cases.put("{" + tensor("a", "[true]", "[0,8]") + "}", "whole numbers");
        cases.put("{" + tensor("a", "[" + "9".repeat(5000) + "]", "[0,8]") + "}", "");
        cases.put("{" + tensor("a", "[99999999999999999999]", "[0,8]") + "}", "whole numbers");
        cases.put("{" + tensor("a", "[" + "1,".repeat(40) + "2]", "[0,8]") + "}", "at most 32");
        cases.put("{" + tensor("a", "[2]", "[0,8,8]") + "}", "two data_offsets");
        cases.put("{" + a + "," + tensor("a", "[1]", "[4,8]") + "}", "twice");
        cases.put("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "twice");
        cases.put("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":1}}", "unknown key");
        cases.put("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", "needs dtype");
        cases.put("{\"a\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}", "I64");
        cases.put("{\"a\":{\"dtype\":null,\"shape\":[4],\"data_offsets\":[0,8]}}", "string");
        cases.put("{\"__metadata__\":{\"k\":1}," + tensor("a", "[2]", "[0,8]") + "}", "string");
        cases.put("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}," + tensor("a", "[2]", "[0,8]") + "}", "twice");
        cases.put("{\"__metadata__\":{},\"__metadata__\":{}," + tensor("a", "[2]", "[0,8]") + "}", "twice");
        cases.put("{\"__metadata__\":" + "[".repeat(100_000), "JSON");
        cases.put("{\"a\":" + "{\"a\":".repeat(100_000), "");
        cases.put("{" + tensor("a", "[2]", "[0,8]") + "} {}", "");
        cases.put("{" + tensor("a", "[2]", "[0,8]") + ",}", "JSON");
        cases.put("{'a':1}", "JSON");
        cases.put("{/* */}", "JSON");
        cases.put("{\"a\u0001\":1}", "");
        cases.put("[]", "begin with '{'");
        cases.put(" {}", "begin with '{'");
        cases.put("", "begin with '{'");
        cases.put("{", "JSON");
        for (Map.Entry<String, String> entry : cases.entrySet()) {
            Path file = file(entry.getKey(), 8);
            refusedCheaply(() -> SafeTensors.read(file), file.toString(), entry.getValue());
        }
        refused(() -> SafeTensors.read(file(new byte[] {'{', '"', (byte) 0xff, '"', '}'}, 0)), "UTF-8");
    }

    @Test
    void liesAboutTheHeaderAreRefusedBeforeMemoryIsTaken() throws IOException {
        Path file = folder.resolve("lie.safetensors");
        for (long length : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 100_000_001, 3}) {
            byte[] bytes = ByteBuffer.allocate(10)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(length)
                    .array();
            Files.write(file, bytes);
            refusedCheaply(() -> SafeTensors.read(file), Long.toUnsignedString(length), "10 bytes");
        }
        byte[] large = new byte[SafeTensorsHeader.MAX_LENGTH + 8];
        Arrays.fill(large, (byte) ' ');
        large[0] = '{';
        large[1] = '}';
        Path tooLarge = file(large, 0);
        refusedCheaply(() -> SafeTensors.read(tooLarge), "at most");
    }

    /** Headers of the largest size, full of tensors or metadata, broken at the very end. */
    @Test
    void theLargestHostileHeadersAreRefusedCheaply() throws IOException {
        for (int longest : new int[] {120, SafeTensorsHeader.MAX_LENGTH / SafeTensorsHeader.MAX_ENTRIES}) {
            for (boolean tensors : new boolean[] {false, true}) {
                StringBuilder header = new StringBuilder(tensors ? "{" : "{\"__metadata__\":{");
                String empty = tensor("", "[]", "[0,4]");
                for (int i = 0; header.length() < SafeTensorsHeader.MAX_LENGTH - 2 * longest; i++) {
                    String name = i + "é".repeat(tensors ? (longest - empty.length()) / 2 : longest / 4);
                    header.append(i == 0 ? "" : ",");
                    header.append(tensors ? tensor(name, "[]", "[0,4]") : "\"" + name + "\":\"" + name + "\"");
                }
                byte[] all = (header + (tensors ? "}" : "}}")).getBytes(StandardCharsets.UTF_8);
                Path file = file(Arrays.copyOf(all, Math.min(all.length, SafeTensorsHeader.MAX_LENGTH)), 4);
                refusedCheaply(() -> SafeTensors.read(file), file.toString());
            }
        }
    }

    @Test
    void moreEntriesThanAreReadAreNotWritten() {
        Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        for (int i = 0; i < SafeTensorsHeader.MAX_ENTRIES; i++) {
            tensors.put("t" + i, new SafeTensors.Entry(new int[] {0}, new float[0]));
            if (i > 0) {
                metadata.put("k" + i, "");
            }
        }
        Path file = folder.resolve("many.safetensors");
        SafeTensors most = new SafeTensors(metadata, tensors);
        most.write(file);
        assertSame(most, SafeTensors.readSealed(file));
        metadata.put("k", "");
        SafeTensors more = new SafeTensors(metadata, Map.of());
        assertThrows(IllegalArgumentException.class, () -> more.write(file));
        tensors.put("t", new SafeTensors.Entry(new int[] {0}, new float[0]));
        SafeTensors moreTensors = new SafeTensors(Map.of(), tensors);
        assertThrows(IllegalArgumentException.class, () -> moreTensors.write(file));
    }

    @Test
    void tensorSetsAndFinitenessAreChecked() {
        SafeTensors content = example();
        Map<String, int[]> shapes = new LinkedHashMap<>();
        content.tensors().forEach((name, entry) -> shapes.put(name, entry.shape()));
        content.requireTensors("m", shapes);
        content.requireFinite("m");
        shapes.remove("scalar");
        shapes.put("extra", new int[] {1});
        shapes.put("mu.bias", new int[] {3});
        refused(
                () -> content.requireTensors("m.safetensors", shapes),
                "m.safetensors",
                "'extra' is missing",
                "'mu.bias' has shape (2), not (3)",
                "'scalar' is not expected");
        content.tensors().get("mu.weight").values()[4] = Float.NaN;
        refused(() -> content.requireFinite("m"), "'mu.weight'", "(2, 3)", "NaN", "position 4");
    }

    @Test
    void callersMistakesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new SafeTensors.Entry(new int[] {2}, new float[3]));
        assertThrows(IllegalArgumentException.class, () -> new SafeTensors(Map.of(SafeTensors.SEAL, "x"), Map.of()));
        Map<String, SafeTensors.Entry> reserved =
                Map.of("__metadata__", new SafeTensors.Entry(new int[] {0}, new float[0]));
        assertThrows(IllegalArgumentException.class, () -> new SafeTensors(Map.of(), reserved));
        SafeTensors long_ = new SafeTensors(Map.of("k", "x".repeat(SafeTensorsHeader.MAX_LENGTH)), Map.of());
        assertThrows(IllegalArgumentException.class, () -> long_.write(folder.resolve("long")));
    }

    /** A cheap fuzz: random edits of a good file end in the typed error or in a file that reads. */
    @Test
    void randomEditsOnlyEverGiveTheTypedError() throws IOException {
        Path file = file("{\"__metadata__\":{\"k\":\"v\"}," + tensor("a", "[2]", "[0,8]") + "}", 8);
        byte[] good = Files.readAllBytes(file);
        Random random = new Random(1);
        List<String> kinds = new ArrayList<>();
        for (int round = 0; round < 3000; round++) {
            byte[] bad = good.clone();
            for (int edits = random.nextInt(4) + 1; edits > 0; edits--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(128);
            }
            Files.write(file, bad);
            try {
                SafeTensors.read(file);
            } catch (ElboException e) {
                kinds.add(e.kind().name());
            }
        }
        assertTrue(kinds.size() > 1000 && kinds.stream().allMatch("DATA"::equals));
    }

    @Test
    void float64IsKeptWhereItIsAskedFor() {
        Path file = folder.resolve("exact.safetensors");
        double[] values = {0.1, -Math.PI, Double.MIN_VALUE, Double.NaN, 1e300};
        Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();
        tensors.put("single", new SafeTensors.Entry(new int[] {1}, new float[] {0.1f}));
        tensors.put("double", new SafeTensors.Entry(new int[] {5}, values));
        new SafeTensors(Map.of(), tensors).write(file);
        SafeTensors exact = SafeTensors.readSealedExactly(file);
        assertArrayEquals(values, exact.tensors().get("double").doubles());
        assertArrayEquals(new float[] {0.1f}, exact.tensors().get("single").values());
        assertEquals(3, exact.tensors().get("double").firstNotFinite());
        ElboException tooLarge = assertThrows(ElboException.class, () -> SafeTensors.readSealed(file));
        assertEquals(ElboException.Kind.DATA, tooLarge.kind());
        tensors.put("double", new SafeTensors.Entry(new int[] {2}, new double[] {0.1, -Math.PI}));
        new SafeTensors(Map.of(), tensors).write(file);
        assertArrayEquals(
                new float[] {0.1f, (float) -Math.PI},
                SafeTensors.readSealed(file).tensors().get("double").values());
        assertThrows(ClassCastException.class, () -> new SafeTensors.Entry(new int[] {1}, new int[1]));
    }
}
