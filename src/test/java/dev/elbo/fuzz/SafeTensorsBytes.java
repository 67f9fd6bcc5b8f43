package dev.elbo.fuzz;

import dev.elbo.io.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** Safetensors files for fuzzers to begin with, with any header; their data are 0, 0.5, 1, 1.5, …, as float32. */
public final class SafeTensorsBytes {
    private SafeTensorsBytes() {}

    public static byte[] file(String header, int dataBytes) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + text.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(text.length).put(text);
        for (float value = 0; file.remaining() >= Float.BYTES; value += 0.5f) {
            file.putFloat(value);
        }
        return file.array();
    }

    /** The file with the right seal in the place of the one that it has; without one, the same. */
    public static byte[] sealed(byte[] file) {
        String key = "\"elbo.sha256\":\"";
        int at = new String(file, StandardCharsets.ISO_8859_1).indexOf(key) + key.length();
        if (at < key.length() || at + 64 > file.length) {
            return file;
        }
        byte[] sealed = file.clone();
        Arrays.fill(sealed, at, at + 64, (byte) '0');
        byte[] seal = HexFormat.of().formatHex(Sha256.create().digest(sealed)).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(seal, 0, sealed, at, seal.length);
        return sealed;
    }

    /** One entry of a header. */
    public static String tensor(String name, String type, String shape, long begin, long end) {
        return "\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":[" + begin + ","
                + end + "]}";
    }

    /** Text as it stands in a JSON string. */
    public static String quoted(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
