package dev.elbo.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

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
