package dev.elbo.io;

import dev.elbo.error.ElboException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The header of an NPY file: a Python dict literal with exactly the keys descr, fortran_order and shape. Only the
 * literals that NumPy writes for plain arrays are accepted, so nothing nests and nothing is evaluated.
 *
 * @param kind 'b', 'i', 'u' or 'f' as in NumPy
 * @param width bytes per value
 */
record NpyHeader(char kind, int width, ByteOrder order, boolean fortran, int[] shape) {
    private static final int MOST_DIMENSIONS = 32;
    private static final Set<String> TYPES = Set.of("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8");

    static NpyHeader parse(String file, byte[] header) {
        return new Parser(file, new String(header, StandardCharsets.ISO_8859_1)).dict();
    }

    private static final class Parser {
        private final String file;
        private final String text;
        private int at;

        Parser(String file, String text) {
            this.file = file;
            this.text = text;
        }

        NpyHeader dict() {
            String type = null;
            Boolean fortran = null;
            int[] shape = null;
            Set<String> seen = new HashSet<>();
            expect('{');
            while (!accept('}')) {
                String key = string();
                if (!seen.add(key)) {
                    throw bad("the key " + Messages.quote(key) + " comes twice");
                }
                expect(':');
                switch (key) {
                    case "descr" -> type = type();
                    case "fortran_order" -> fortran = bool();
                    case "shape" -> shape = tuple();
                    default -> throw bad("the key " + Messages.quote(key) + " is not one of NPY's");
                }
                if (!accept(',')) {
                    expect('}');
                    break;
                }
            }
            skipBlanks();
            if (at < text.length()) {
                throw bad("there is more after the dict");
            }
            if (type == null || fortran == null || shape == null) {
                throw bad("descr, fortran_order or shape is missing");
            }
            ByteOrder order = type.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
            return new NpyHeader(type.charAt(1), type.charAt(2) - '0', order, fortran, shape);
        }

        private String type() {
            skipBlanks();
            if (at < text.length() && text.charAt(at) == '[') {
                throw bad("records are not read; save one field as a plain array of numbers");
            }
            String type = string();
            boolean ordered = type.startsWith("<") || type.startsWith(">") || type.startsWith("|");
            if (!ordered || !TYPES.contains(type.substring(1)) || type.startsWith("|") != type.endsWith("1")) {
                throw bad("dtype " + Messages.quote(type)
                        + " is not read; save booleans, integers, float32 or float64 (astype)");
            }
            return type;
        }

        private boolean bool() {
            skipBlanks();
            for (String word : new String[] {"True", "False"}) {
                if (text.startsWith(word, at)) {
                    at += word.length();
                    return word.equals("True");
                }
            }
            throw bad("fortran_order is neither True nor False");
        }

        private int[] tuple() {
            List<Integer> dimensions = new ArrayList<>();
            expect('(');
            while (!accept(')')) {
                if (dimensions.size() == MOST_DIMENSIONS) {
                    throw bad("the shape has more than " + MOST_DIMENSIONS + " dimensions");
                }
                dimensions.add(dimension());
                if (!accept(',')) {
                    expect(')');
                    break;
                }
            }
            return dimensions.stream().mapToInt(Integer::intValue).toArray();
        }

        private int dimension() {
            skipBlanks();
            int start = at;
            long value = 0;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                value = value * 10 + text.charAt(at++) - '0';
                if (value > Integer.MAX_VALUE) {
                    throw bad("a dimension is above " + Integer.MAX_VALUE);
                }
            }
            if (at == start) {
                throw bad("the shape is not a tuple of numbers");
            }
            // NumPy on Python 2 wrote long integers as 3L.
            accept('L');
            return (int) value;
        }

        private String string() {
            skipBlanks();
            char quote = at < text.length() ? text.charAt(at) : 0;
            int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
            if (end < 0 || text.substring(at, end).indexOf('\\') >= 0) {
                throw bad("a quoted string is missing");
            }
            String string = text.substring(at + 1, end);
            at = end + 1;
            return string;
        }

        private void expect(char c) {
            if (!accept(c)) {
                throw bad("'" + c + "' is missing");
            }
        }

        private boolean accept(char c) {
            skipBlanks();
            boolean there = at < text.length() && text.charAt(at) == c;
            at += there ? 1 : 0;
            return there;
        }

        private void skipBlanks() {
            while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\n')) {
                at++;
            }
        }

        private ElboException bad(String what) {
            return ElboException.data(file + ": NPY header, character " + at + ": " + what);
        }
    }
}
