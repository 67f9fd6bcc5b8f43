package dev.elbo.io;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/** Writes {@link SafeTensors}, sealed. The seal is the first of the metadata; the header is padded with spaces. */
final class SafeTensorsWriter {
    private static final int ALIGNMENT = 8;
    private static final int CHUNK = 1 << 16;
    private static final Gson GSON = new Gson();
    private static final String NO_SEAL = "0".repeat(64);

    interface Sink {
        void take(ByteBuffer bytes) throws IOException;
    }

    private SafeTensorsWriter() {}

    static void write(Disk disk, Path file, SafeTensors content) {
        // Twice over the data: the digest stands before them.
        String seal = digest(content, NO_SEAL);
        AtomicFile.write(disk, file, out -> emit(content, seal, out::write), temporary -> {});
    }

    /** Returns the digest of the whole file, its seal included. */
    static String sha256(SafeTensors content) {
        return digest(content, digest(content, NO_SEAL));
    }

    private static String digest(SafeTensors content, String seal) {
        MessageDigest digest = Sha256.create();
        try {
            emit(content, seal, digest::update);
        } catch (IOException e) {
            throw new UncheckedIOException("nothing is written to the digest's sink", e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void emit(SafeTensors content, String seal, Sink sink) throws IOException {
        byte[] header = header(content, seal);
        ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        sink.take(length.putLong(header.length).flip());
        sink.take(ByteBuffer.wrap(header));
        for (SafeTensors.Entry entry : content.tensors().values()) {
            emit(entry, sink);
        }
    }

    static void emit(SafeTensors.Entry entry, Sink sink) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        int width = width(entry);
        int count = entry.length();
        for (int done = 0; done < count; ) {
            int some = Math.min(count - done, CHUNK / width);
            chunk.clear();
            if (entry.array() instanceof double[] doubles) {
                chunk.asDoubleBuffer().put(doubles, done, some);
            } else {
                chunk.asFloatBuffer().put(entry.values(), done, some);
            }
            sink.take(chunk.limit(some * width));
            done += some;
        }
    }

    private static int width(SafeTensors.Entry entry) {
        return entry.isDouble() ? Double.BYTES : Float.BYTES;
    }

    private static byte[] header(SafeTensors content, String seal) {
        JsonObject metadata = new JsonObject();
        metadata.addProperty(SafeTensors.SEAL, seal);
        content.metadata().forEach(metadata::addProperty);
        JsonObject json = new JsonObject();
        json.add(SafeTensorsHeader.METADATA, metadata);
        long begin = 0;
        for (Map.Entry<String, SafeTensors.Entry> entry : content.tensors().entrySet()) {
            long end = begin + (long) entry.getValue().length() * width(entry.getValue());
            JsonObject tensor = new JsonObject();
            tensor.addProperty("dtype", entry.getValue().isDouble() ? "F64" : "F32");
            tensor.add("shape", GSON.toJsonTree(entry.getValue().shape()));
            tensor.add("data_offsets", GSON.toJsonTree(new long[] {begin, end}));
            json.add(entry.getKey(), tensor);
            begin = end;
        }
        byte[] unpadded = json.toString().getBytes(StandardCharsets.UTF_8);
        int length = (unpadded.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        // the seal is an entry too
        int entries = Math.max(content.tensors().size(), content.metadata().size() + 1);
        if (length > SafeTensorsHeader.MAX_LENGTH || entries > SafeTensorsHeader.MAX_ENTRIES) {
            throw new IllegalArgumentException("a header of " + length + " bytes with " + entries
                    + " tensors or entries of metadata could not be read again; at most " + SafeTensorsHeader.MAX_LENGTH
                    + " bytes and " + SafeTensorsHeader.MAX_ENTRIES + " entries fit");
        }
        byte[] header = Arrays.copyOf(unpadded, length);
        Arrays.fill(header, unpadded.length, length, (byte) ' ');
        return header;
    }
}
