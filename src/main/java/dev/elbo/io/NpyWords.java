package dev.elbo.io;

import dev.elbo.error.ElboException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Lists of words in NPY files: NumPy's U (UTF-32 in either byte order) and S (bytes, which must be UTF-8), each of a fixed
 * length and padded with NULs. Words that come again are one and the same string, so that a list takes memory for its
 * different words.
 */
public final class NpyWords {
    private static final int CHUNK = 1 << 16;

    private NpyWords() {}

    /**
     * Reads the words behind a header.
     *
     * @param name the file's name in messages
     * @param header of words, already checked against the size of the file
     * @param in at the first word; read to the end of the last one
     * @param most different words at most
     * @return all words in the order of the file, without the NULs at their ends; empty if more than {@code most}
     *     differ
     * @throws IOException from the stream
     * @throws ElboException of kind DATA, naming the file, if it ends too early or a word is not text
     */
    public static Optional<String[]> read(String name, NpyHeader header, InputStream in, int most) throws IOException {
        if (!header.isWords()) {
            throw new IllegalArgumentException(name + ": holds values of kind " + header.kind() + ", not words");
        }
        int count = Shapes.elements(name, header.shape());
        int width = header.width();
        String[] words = Heap.array(name, count, Integer.BYTES, String[]::new);
        byte[] chunk = new byte[CHUNK / width * width];
        ByteBuffer word = ByteBuffer.wrap(chunk);
        Map<ByteBuffer, String> known = new HashMap<>();
        for (int i = 0; i < count; i++) {
            int at = i % (chunk.length / width) * width;
            if (at == 0) {
                int some = (int) Math.min(chunk.length, (long) (count - i) * width);
                if (in.readNBytes(chunk, 0, some) < some) {
                    throw ElboException.data(name + ": ends before its last word; it is truncated");
                }
            }
            words[i] = known.get(word.limit(at + width).position(at));
            if (words[i] == null) {
                if (known.size() == most) {
                    return Optional.empty();
                }
                ByteBuffer copy = ByteBuffer.wrap(Arrays.copyOfRange(chunk, at, at + width));
                words[i] = header.kind() == 'U' ? utf32(name, i, copy.order(header.order())) : utf8(name, i, copy);
                known.put(copy, words[i]);
            }
        }
        return Optional.of(words);
    }

    private static String utf32(String name, int number, ByteBuffer word) {
        StringBuilder text = new StringBuilder();
        int length = word.limit() / Integer.BYTES;
        while (length > 0 && word.getInt((length - 1) * Integer.BYTES) == 0) {
            length--;
        }
        for (int i = 0; i < length; i++) {
            int character = word.getInt(i * Integer.BYTES);
            if (!Character.isValidCodePoint(character)
                    || character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE) {
                throw ElboException.data(String.format(
                        "%s: word %d (from 0) holds 0x%08x, which is not a character; it is damaged, take another copy",
                        name, number, character));
            }
            text.appendCodePoint(character);
        }
        return text.toString();
    }

    private static String utf8(String name, int number, ByteBuffer word) {
        int length = word.limit();
        while (length > 0 && word.get(length - 1) == 0) {
            length--;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(word.slice(0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw ElboException.data(
                    name + ": word " + number + " (from 0) is not UTF-8; save the words as text (astype(str))", e);
        }
    }
}
