package dev.elbo.io;

import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FloatTypeTest {
    @TempDir
    private Path folder;

    /** Every value from the definition: (−1)^s 2^(e − 15) (1 + f / 1024), below 2^−14 without the one. */
    @Test
    void allOfBinary16() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            double sign = bits < 0x8000 ? 1 : -1;
            int exponent = bits / 1024 % 32;
            double fraction = bits % 1024 / 1024.0;
            double expected = switch (exponent) {
                case 0 -> sign * fraction * Math.pow(2, -14);
                case 31 -> fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
                default -> sign * (1 + fraction) * Math.pow(2, exponent - 15);
            };
            assertEquals((float) expected, FloatType.ofBinary16(bits), Integer.toHexString(bits));
            assertEquals((float) expected, FloatType.ofBinary16((short) bits), "sign-extended");
        }
    }

    private Path file(String type, int width, ByteBuffer values) throws IOException {
        int bytes = values.capacity();
        String header = "{\"w\":{\"dtype\":\"" + type + "\",\"shape\":[" + bytes / width + "],\"data_offsets\":[0,"
                + bytes + "]}}";
        ByteBuffer file = ByteBuffer.allocate(8 + header.length() + bytes).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
        return Files.write(folder.resolve("w.safetensors"), file.put(values).array());
    }

    private static ByteBuffer shorts(int... bits) {
        ByteBuffer buffer = ByteBuffer.allocate(2 * bits.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : bits) {
            buffer.putShort((short) value);
        }
        return buffer.flip();
    }

    private static ByteBuffer doubles(double... values) {
        ByteBuffer buffer = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            buffer.putDouble(value);
        }
        return buffer.flip();
    }

    @Test
    void halvesAreWidenedExactly() throws IOException {
        List<String> notes = new ArrayList<>();
        Path file = file("F16", 2, shorts(0x3c00, 0xc000, 0x0001, 0x7bff, 0x8000, 0x3555));
        float[] expected = {1, -2, 0x1p-24f, 65504, -0f, 0.33325195f};
        assertArrayEquals(
                expected, SafeTensors.read(file, notes::add).tensors().get("w").values());
        file = file("BF16", 2, shorts(0x3f80, 0xc000, 0x0001, 0x7f7f, 0x8000, 0x3eab));
        expected = new float[] {1, -2, 0x1p-133f, 0x1.fep127f, -0f, 0.33398438f};
        assertArrayEquals(
                expected, SafeTensors.read(file, notes::add).tensors().get("w").values());
        assertEquals(List.of(), notes);
    }

    @Test
    void whatFloat64LosesIsSaid() throws IOException {
        List<String> notes = new ArrayList<>();
        Path exact = file("F64", 8, doubles(1, -0.5, 0x1p-149, Float.MAX_VALUE, Double.POSITIVE_INFINITY, Double.NaN));
        float[] expected = {1, -0.5f, 0x1p-149f, Float.MAX_VALUE, Float.POSITIVE_INFINITY, Float.NaN};
        assertArrayEquals(
                expected, SafeTensors.read(exact, notes::add).tensors().get("w").values());
        assertEquals(List.of(), notes);
        Path rounded = file("F64", 8, doubles(0.1, 1, 1e-300));
        assertArrayEquals(
                new float[] {0.1f, 1, 0},
                SafeTensors.read(rounded, notes::add).tensors().get("w").values());
        assertEquals(List.of("tensor 'w': 2 of 3 float64 values are rounded to float32"), notes);
        Path large = file("F64", 8, doubles(1, 2, -1e39));
        refused(() -> SafeTensors.read(large), large.toString(), "'w' holds -1.0E39 at position 2, more than float32");
    }
}
