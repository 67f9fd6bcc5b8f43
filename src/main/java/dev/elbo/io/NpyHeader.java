package dev.elbo.io;

import dev.elbo.error.ElboException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header of an NPY file, NumPy's array file, versions 1 to 3: a Python dict literal with exactly the keys descr,
 * fortran_order and shape. Only the literals that NumPy writes are accepted, and nothing is evaluated. {@link #read}
 * takes plain arrays of numbers, or describes anything that NumPy saves, so that messages can name the kind that is not
 * read.
 *
 * @param kind as in NumPy: 'b', 'i', 'u' and 'f' are numbers, 'U' and 'S' words, 'O' objects, 'V' records; {@link
 *     #OTHER} stands for all else
 * @param width bytes per value: 1, 2, 4 or 8 of numbers, at most {@link #MAX_WORD_LENGTH} of words; 0 if values are of
 *     no plain size
 * @param order of the bytes of a value
 * @param fortran whether the first index runs fastest; otherwise the last does
 * @param shape at most 32 dimensions; none of a scalar
 * @param start bytes before the first value
 */
public record NpyHeader(char kind, int width, ByteOrder order, boolean fortran, int[] shape, int start) {
    /** The kind of complex numbers, dates and all other values without a named kind. */
    public static final char OTHER = '?';

    /** Bytes of the longest words; longer ones are of the kind {@link #OTHER}. */
    public static final int MAX_WORD_LENGTH = 1 << 14;

    static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    /** The longest header; those of plain arrays are below 200 bytes. */
    private static final int MAX_LENGTH = 1 << 16;

    private static final int MAX_DIMENSIONS = 32;
    private static final Pattern PLAIN = Pattern.compile("\\|[biu]1|[<>][iuf][248]");
    /** NumPy writes the length without leading zeros. */
    private static final Pattern WORDS = Pattern.compile("([<>|]S|[<>]U)([1-9][0-9]{0,7})");

    /**
     * Reads the header, and nothing after it.
     *
     * @param name the file's name in messages
     * @param in at the first byte of the file; afterwards at the first value
     * @param size bytes that the file has
     * @param numbers whether all but plain arrays of numbers is refused; otherwise an array of any kind is described
     * @return the header, not yet checked against the size
     * @throws IOException from the stream
     * @throws ElboException of kind DATA if it is no header that NumPy writes, or of none of the kinds that are taken
     */
    public static NpyHeader read(String name, InputStream in, long size, boolean numbers) throws IOException {
        byte[] prefix = in.readNBytes(10);
        if (prefix.length < 10 || !Arrays.equals(prefix, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw ElboException.data(name + ": is not an NPY file: it does not begin with \\x93NUMPY");
        }
        int version = prefix[6];
        if (version < 1 || version > 3 || prefix[7] != 0) {
            throw ElboException.data(
                    name + ": NPY version " + version + "." + prefix[7] + " is not known; 1.0, 2.0 and 3.0 are read");
        }
        int start = version == 1 ? 10 : 12;
        byte[] lengths = Arrays.copyOf(Arrays.copyOfRange(prefix, 8, 10), 4);
        if (version > 1) {
            in.readNBytes(lengths, 2, 2);
        }
        long length = ByteBuffer.wrap(lengths).order(ByteOrder.LITTLE_ENDIAN).getInt() & 0xffffffffL;
        if (length > MAX_LENGTH || length > size - start) {
            throw ElboException.data(name + ": declares a header of " + length + " bytes; the file has " + size
                    + " bytes and at most " + MAX_LENGTH + " are read");
        }
        byte[] text = in.readNBytes((int) length);
        if (text.length < length) {
            throw ElboException.data(name + ": ends within its header; it is truncated");
        }
        return new Parser(name, new String(text, StandardCharsets.ISO_8859_1), numbers).dict(start + (int) length);
    }

    /** {@return whether the values are numbers, booleans among them} */
    public boolean isNumbers() {
        return kind == 'b' || kind == 'i' || kind == 'u' || kind == 'f';
    }

    /** {@return whether the values are words of a fixed length} */
    public boolean isWords() {
        return kind == 'U' || kind == 'S';
    }

    /**
     * {@return the number of bytes of the values, without the header}
     *
     * @param name the file's name in messages
     * @throws ElboException of kind DATA, naming the file, if they are more than a file can have
     */
    public long bytes(String name) {
        long product = width;
        boolean empty = false;
        for (int dimension : shape) {
            if (Math.multiplyHigh(product, Math.max(1, dimension)) != 0 || product * Math.max(1, dimension) < 0) {
                throw ElboException.data(name + ": shape " + Shapes.text(shape) + " has more elements than any file");
            }
            product *= Math.max(1, dimension);
            empty |= dimension == 0;
        }
        return empty ? 0 : product;
    }

    /**
     * Checks a file's size against the declared one of numbers and words; other values are of no known size.
     *
     * @param name the file's name in messages
     * @param size bytes that the file has, the header's too
     * @throws ElboException of kind DATA with both numbers
     */
    public void requireSize(String name, long size) {
        if (width > 0 && size - start != bytes(name)) {
            throw ElboException.data(name + ": shape " + Shapes.text(shape) + " of " + width + "-byte values needs "
                    + bytes(name) + " bytes; the file has " + (size - start));
        }
    }

    /**
     * Checks the declared size against the size of a file that is packed with gzip.
     *
     * @param name the file's name in messages
     * @param packed bytes that the packed file has
     * @throws ElboException of kind DATA if no file of so many bytes holds the values
     */
    public void requirePackedSize(String name, long packed) {
        if (width > 0 && bytes(name) > packed * ZipArchive.DENSEST) {
            throw ElboException.data(name + ": declares " + bytes(name) + " bytes, more than " + packed
                    + " packed ones can hold; it is truncated");
        }
    }

    /**
     * Parses one value.
     *
     * @param from a buffer in {@link #order()}
     * @param at index of the value's first byte, whatever the buffer's position is
     * @return exact, but for 64-bit integers beyond 2^53, which are rounded; a boolean is 0 or 1, where any nonzero
     *     byte is 1
     */
    public double value(ByteBuffer from, int at) {
        if (kind == 'f') {
            return switch (width) {
                case 2 -> FloatType.F16.get(from, at);
                case 4 -> from.getFloat(at);
                default -> from.getDouble(at);
            };
        }
        long signed = switch (width) {
            case 1 -> from.get(at);
            case 2 -> from.getShort(at);
            case 4 -> from.getInt(at);
            default -> from.getLong(at);
        };
        if (kind == 'b') {
            return signed == 0 ? 0 : 1;
        }
        if (kind != 'u') {
            return signed;
        }
        if (width < 8) {
            return signed & (1L << 8 * width) - 1;
        }
        // Halved with the last bit kept sticky: rounds as the unsigned value does.
        return signed >= 0 ? signed : 2.0 * (signed >>> 1 | signed & 1);
    }

    private static final class Parser {
        private static final Pattern BOOLEAN = Pattern.compile("True|False");
        private static final Pattern DIGITS = Pattern.compile("[0-9]+");
        private static final Pattern STRING = Pattern.compile("'[^'\\\\]*'|\"[^\"\\\\]*\"");

        private final String file;
        private final String text;
        private final boolean numbers;
        private int at;

        Parser(String file, String text, boolean numbers) {
            this.file = file;
            this.text = text;
            this.numbers = numbers;
        }

        NpyHeader dict(int start) {
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
                    default -> throw bad("the key " + Messages.quote(key) + " is unknown");
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
            ByteOrder order = type.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
            boolean plain = isPlain(type);
            char kind = plain ? type.charAt(1) : kind(type);
            int width = plain ? type.charAt(2) - '0' : kind == 'U' || kind == 'S' ? wordBytes(type) : 0;
            return new NpyHeader(kind, width, order, fortran, shape, start);
        }

        private static boolean isPlain(String type) {
            return PLAIN.matcher(type).matches();
        }

        private static char kind(String type) {
            if (type.equals("|O") || type.equals("O")) {
                return 'O';
            }
            if (type.startsWith("|V")) {
                return 'V';
            }
            return wordBytes(type) > 0 ? type.charAt(1) : OTHER;
        }

        /** Bytes of a word: 4 for each character of U, UTF-32; 1 of S. 0 where it is none, or too long. */
        private static int wordBytes(String type) {
            Matcher word = WORDS.matcher(type);
            if (!word.matches()) {
                return 0;
            }
            int bytes = Integer.parseInt(word.group(2)) * (word.group(1).endsWith("U") ? 4 : 1);
            return bytes <= MAX_WORD_LENGTH ? bytes : 0;
        }

        private String type() {
            skipBlanks();
            if (at < text.length() && text.charAt(at) == '[') {
                if (numbers) {
                    throw bad("records are not read; save one field as a plain array of numbers");
                }
                skipList();
                return "|V";
            }
            String type = string();
            if (numbers && !isPlain(type)) {
                throw bad("dtype " + Messages.quote(type)
                        + " is not read; save booleans, integers or floats of 2, 4 or 8 bytes (astype)");
            }
            return type;
        }

        /** Skips a list of any content, to its closing bracket. */
        private void skipList() {
            int depth = 0;
            do {
                skipBlanks();
                char c = at < text.length() ? text.charAt(at) : 0;
                if (c == 0) {
                    throw bad("a list does not end");
                } else if (c == '\'' || c == '"') {
                    string();
                } else {
                    depth += c == '[' || c == '(' ? 1 : c == ']' || c == ')' ? -1 : 0;
                    at++;
                }
            } while (depth > 0);
        }

        private boolean bool() {
            return take(BOOLEAN, "fortran_order is neither True nor False").equals("True");
        }

        private int[] tuple() {
            List<Integer> dimensions = new ArrayList<>();
            expect('(');
            while (!accept(')')) {
                if (dimensions.size() == MAX_DIMENSIONS) {
                    throw bad("the shape has more than " + MAX_DIMENSIONS + " dimensions");
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
            BigInteger value = new BigInteger(take(DIGITS, "the shape is not a tuple of numbers"));
            if (value.bitLength() >= Integer.SIZE) {
                throw bad("a dimension is above " + Integer.MAX_VALUE);
            }
            // NumPy on Python 2 wrote long integers as 3L.
            accept('L');
            return value.intValue();
        }

        private String string() {
            String quoted = take(STRING, "a quoted string is missing");
            return quoted.substring(1, quoted.length() - 1);
        }

        /** Takes what a pattern matches behind blanks. */
        private String take(Pattern pattern, String problem) {
            skipBlanks();
            Matcher found = pattern.matcher(text).region(at, text.length());
            if (!found.lookingAt()) {
                throw bad(problem);
            }
            at = found.end();
            return found.group();
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

        private ElboException bad(String problem) {
            return ElboException.data(file + ": NPY header, character " + at + ": " + problem);
        }
    }
}
