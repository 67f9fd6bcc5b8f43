package dev.elbo.io;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rules of the safetensors format as its reference implementation checks them, written a second time: nothing here is
 * shared with the reader of the library, not even the JSON. A file that breaks one is an {@link IllegalArgumentException}.
 */
public final class StrictSafeTensors {
    /** A tensor: type, shape and its bytes, row-major and little-endian. */
    public record Tensor(String type, List<BigInteger> shape, ByteBuffer data) {}

    private static final long MAX_HEADER_LENGTH = 100_000_000;
    private static final Map<String, Integer> BITS = Map.ofEntries(
            Map.entry("BOOL", 8),
            Map.entry("U8", 8),
            Map.entry("I8", 8),
            Map.entry("F8_E4M3", 8),
            Map.entry("F8_E5M2", 8),
            Map.entry("I16", 16),
            Map.entry("U16", 16),
            Map.entry("F16", 16),
            Map.entry("BF16", 16),
            Map.entry("I32", 32),
            Map.entry("U32", 32),
            Map.entry("F32", 32),
            Map.entry("I64", 64),
            Map.entry("U64", 64),
            Map.entry("F64", 64));

    public final Map<String, String> metadata = new LinkedHashMap<>();
    public final Map<String, Tensor> tensors = new LinkedHashMap<>();
    /** Whether the data begin at a multiple of 8, as the format asks of writers. */
    public final boolean aligned;

    private final String text;
    private int at;

    /** Reads the bytes of a file. */
    public StrictSafeTensors(byte[] file) {
        require(file.length >= 8, "header too small");
        long length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        require(length >= 0 && length <= MAX_HEADER_LENGTH, "header too large");
        require(length <= file.length - 8, "header length");
        require(length > 0 && file[8] == '{', "header start");
        aligned = length % 8 == 0;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(file, 8, (int) length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("header is not UTF-8", e);
        }
        Map<String, Object> header = object();
        while (at < text.length()) {
            require(text.charAt(at++) == ' ', "padding");
        }
        int data = 8 + (int) length;
        header.forEach((name, value) -> {
            Map<?, ?> fields = as(Map.class, value);
            if (name.equals("__metadata__")) {
                fields.forEach((key, string) -> metadata.put((String) key, as(String.class, string)));
            } else {
                tensors.put(name, tensor(fields, file, data));
            }
        });
        List<Tensor> inOrder = new ArrayList<>(tensors.values());
        inOrder.sort(Comparator.comparingInt(tensor -> tensor.data().position()));
        int covered = data;
        for (Tensor tensor : inOrder) {
            require(tensor.data().position() == covered, "invalid offset");
            covered = tensor.data().limit();
        }
        require(covered == file.length, "metadata incomplete buffer");
    }

    private static Tensor tensor(Map<?, ?> fields, byte[] file, int data) {
        require(fields.keySet().equals(Set.of("dtype", "shape", "data_offsets")), "fields");
        String type = as(String.class, fields.get("dtype"));
        require(BITS.containsKey(type), "dtype");
        List<BigInteger> shape = numbers(fields.get("shape"));
        List<BigInteger> offsets = numbers(fields.get("data_offsets"));
        require(offsets.size() == 2, "two offsets");
        BigInteger bits = shape.stream().reduce(BigInteger.valueOf(BITS.get(type)), BigInteger::multiply);
        BigInteger bytes = offsets.get(1).subtract(offsets.get(0));
        require(bits.equals(bytes.multiply(BigInteger.valueOf(8))), "tensor invalid info");
        require(offsets.get(1).compareTo(BigInteger.valueOf(file.length - data)) <= 0, "offset beyond the end");
        int begin = data + offsets.get(0).intValueExact();
        return new Tensor(
                type, shape, ByteBuffer.wrap(file, begin, bytes.intValueExact()).order(ByteOrder.LITTLE_ENDIAN));
    }

    private static List<BigInteger> numbers(Object value) {
        List<BigInteger> numbers = new ArrayList<>();
        for (Object number : as(List.class, value)) {
            numbers.add(as(BigInteger.class, number));
        }
        return numbers;
    }

    private static <T> T as(Class<T> type, Object value) {
        require(type.isInstance(value), "a " + type.getSimpleName() + " is needed");
        return type.cast(value);
    }

    private Map<String, Object> object() {
        Map<String, Object> inOrder = new LinkedHashMap<>();
        expect('{');
        if (peek() == '}') {
            at++;
            return inOrder;
        }
        do {
            String key = string();
            expect(':');
            Object value = value();
            require(inOrder.put(key, value) == null, "duplicate key " + key);
        } while (more('}'));
        return inOrder;
    }

    private List<Object> array() {
        List<Object> values = new ArrayList<>();
        expect('[');
        if (peek() == ']') {
            at++;
            return values;
        }
        do {
            values.add(value());
        } while (more(']'));
        return values;
    }

    private Object value() {
        return switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            default -> number();
        };
    }

    private BigInteger number() {
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        require(at > start && (at == start + 1 || text.charAt(start) != '0'), "number");
        BigInteger number = new BigInteger(text.substring(start, at));
        require(number.bitLength() <= 64, "number above 64 bits");
        return number;
    }

    private String string() {
        expect('"');
        StringBuilder string = new StringBuilder();
        while (true) {
            char c = next();
            if (c == '"') {
                return string.toString();
            }
            require(c >= ' ', "control character");
            string.append(c == '\\' ? escaped() : c);
        }
    }

    private char escaped() {
        char c = next();
        int plain = "\"\\/bfnrt".indexOf(c);
        if (plain >= 0) {
            return "\"\\/\b\f\n\r\t".charAt(plain);
        }
        require(c == 'u' && at + 4 <= text.length(), "escape");
        at += 4;
        return (char) Integer.parseInt(text.substring(at - 4, at), 16);
    }

    private boolean more(char end) {
        char c = next();
        require(c == ',' || c == end, "',' or '" + end + "'");
        return c == ',';
    }

    private void expect(char c) {
        require(next() == c, "'" + c + "'");
    }

    private char next() {
        char c = peek();
        at++;
        return c;
    }

    private char peek() {
        require(at < text.length(), "it ends early");
        return text.charAt(at);
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalArgumentException(rule);
        }
    }
}
