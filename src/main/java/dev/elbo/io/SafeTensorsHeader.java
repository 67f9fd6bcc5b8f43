package dev.elbo.io;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.elbo.error.ElboException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The JSON header of a safetensors file, read strictly: each key once, no value of another type, nothing nested deeper. */
record SafeTensorsHeader(String file, Map<String, String> metadata, Map<String, Tensor> tensors) {
    static final String METADATA = "__metadata__";
    /** The format allows 100 MB, a model has a few kB; this keeps hostile headers below 16 MiB of memory. */
    static final int MAX_LENGTH = 1 << 20;

    /** Tensors, and entries of metadata: the shortest take a hundred times their bytes in memory. */
    static final int MAX_ENTRIES = 4096;

    private static final int DEEPEST = 3;
    private static final int MAX_DIMENSIONS = 32;
    private static final Pattern WHOLE = Pattern.compile("0|[1-9][0-9]{0,17}");

    /** The place of a tensor: bytes from {@code begin} to {@code end} after the header. */
    record Tensor(FloatType type, int[] shape, long begin, long end) {}

    /** Parses a header and checks that its tensors cover exactly {@code dataBytes} bytes. */
    static SafeTensorsHeader parse(String file, byte[] header, long dataBytes) {
        if (header.length == 0 || header[0] != '{') {
            throw ElboException.data(file + ": the safetensors header does not begin with '{'");
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(header))
                    .toString();
        } catch (CharacterCodingException e) {
            throw ElboException.data(file + ": the safetensors header is not UTF-8", e);
        }
        SafeTensorsHeader parsed = new SafeTensorsHeader(file, new LinkedHashMap<>(), new LinkedHashMap<>());
        parsed.read(text);
        parsed.requireCover(dataBytes);
        return parsed;
    }

    /** Returns the tensors in the order of their data; an empty one comes before the one that begins with it. */
    List<Map.Entry<String, Tensor>> inOrder() {
        return tensors.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(
                        Comparator.comparingLong(Tensor::begin).thenComparingLong(Tensor::end)))
                .toList();
    }

    /** Tensors side by side from the first byte to the last: no gap, no overlap, no trailing bytes. */
    private void requireCover(long dataBytes) {
        long covered = 0;
        for (Map.Entry<String, Tensor> entry : inOrder()) {
            Tensor tensor = entry.getValue();
            if (tensor.begin() != covered) {
                throw ElboException.data(file + ": tensor " + Messages.quote(entry.getKey()) + " begins at byte "
                        + tensor.begin() + " of the data, not at " + covered + ": tensors "
                        + (tensor.begin() > covered ? "leave a hole" : "overlap"));
            }
            covered = tensor.end();
        }
        if (covered != dataBytes) {
            throw ElboException.data(file + ": the header declares " + covered + " bytes of data, the file has "
                    + dataBytes + "; it is truncated or has trailing bytes");
        }
    }

    private void read(String text) {
        JsonReader json = new JsonReader(new StringReader(text));
        json.setStrictness(Strictness.STRICT);
        json.setNestingLimit(DEEPEST);
        boolean metadataSeen = false;
        try {
            json.beginObject();
            while (json.hasNext()) {
                String name = json.nextName();
                if (name.equals(METADATA)) {
                    if (metadataSeen) {
                        throw bad(METADATA + " comes twice");
                    }
                    metadataSeen = true;
                    metadata(json);
                } else if (tensors.containsKey(name)) {
                    throw bad("tensor " + Messages.quote(name) + " comes twice");
                } else {
                    requireRoom(tensors, "tensors");
                    tensors.put(name, tensor(name, json));
                }
            }
            json.endObject();
            if (json.peek() != JsonToken.END_DOCUMENT) {
                throw bad("there is more after the object");
            }
        } catch (IOException | IllegalStateException | NumberFormatException e) {
            throw ElboException.data(
                    file + ": the safetensors header is not JSON as the format demands: " + said(e), e);
        }
    }

    private void metadata(JsonReader json) throws IOException {
        json.beginObject();
        while (json.hasNext()) {
            String key = json.nextName();
            requireRoom(metadata, "entries of metadata");
            if (metadata.put(key, string(json)) != null) {
                throw bad("the metadata key " + Messages.quote(key) + " comes twice");
            }
        }
        json.endObject();
    }

    private void requireRoom(Map<String, ?> entries, String kind) {
        if (entries.size() == MAX_ENTRIES) {
            throw bad("there are more than " + MAX_ENTRIES + " " + kind);
        }
    }

    private Tensor tensor(String name, JsonReader json) throws IOException {
        String where = "tensor " + Messages.quote(name);
        String type = null;
        long[] shape = null;
        long[] offsets = null;
        Set<String> seen = new HashSet<>();
        json.beginObject();
        while (json.hasNext()) {
            String key = json.nextName();
            if (!seen.add(key)) {
                throw bad(where + " has the key " + key + " twice");
            }
            switch (key) {
                case "dtype" -> type = string(json);
                case "shape" -> shape = numbers(where, json);
                case "data_offsets" -> offsets = numbers(where, json);
                default -> throw bad(where + " has the unknown key " + Messages.quote(key));
            }
        }
        json.endObject();
        if (type == null || shape == null || offsets == null || offsets.length != 2) {
            throw bad(where + " needs dtype, shape and two data_offsets");
        }
        return tensor(where, type, shape, offsets);
    }

    private Tensor tensor(String where, String type, long[] longs, long[] offsets) {
        FloatType floats = Arrays.stream(FloatType.values())
                .filter(known -> known.name().equals(type))
                .findFirst()
                .orElseThrow(() -> bad(where + " has dtype " + Messages.quote(type)
                        + "; F32, F64, F16 and BF16 are read, convert it or leave it out"));
        int[] shape = new int[longs.length];
        for (int i = 0; i < shape.length; i++) {
            if (longs[i] > Integer.MAX_VALUE) {
                throw bad(where + " has a dimension of " + longs[i] + ", above " + Integer.MAX_VALUE);
            }
            shape[i] = (int) longs[i];
        }
        long bytes = (long) Shapes.elements(file + ": " + where, shape) * floats.width;
        if (offsets[0] > offsets[1] || offsets[1] - offsets[0] != bytes) {
            throw bad(where + " of shape " + Shapes.text(shape) + " needs " + bytes + " bytes; data_offsets are "
                    + Arrays.toString(offsets));
        }
        return new Tensor(floats, shape, offsets[0], offsets[1]);
    }

    private String string(JsonReader json) throws IOException {
        if (json.peek() != JsonToken.STRING) {
            throw bad("a string is needed at " + Messages.quote(json.getPath()));
        }
        return json.nextString();
    }

    /** Plain decimal integers only: the library would also take 1.0, 1e3 and "1". */
    private long[] numbers(String where, JsonReader json) throws IOException {
        long[] numbers = new long[MAX_DIMENSIONS];
        int count = 0;
        json.beginArray();
        while (json.hasNext()) {
            String digits = json.peek() == JsonToken.NUMBER ? json.nextString() : "";
            if (count == MAX_DIMENSIONS || !WHOLE.matcher(digits).matches()) {
                throw bad(where + " needs at most " + MAX_DIMENSIONS + " whole numbers as shape and data_offsets");
            }
            numbers[count++] = Long.parseLong(digits);
        }
        json.endArray();
        return Arrays.copyOf(numbers, count);
    }

    private ElboException bad(String problem) {
        return ElboException.data(file + ": safetensors header: " + problem);
    }

    private static String said(Exception e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return Messages.quote(message.lines().findFirst().orElse(""));
    }
}
