package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.Text;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * The characters of a text behind its byte order mark, if it has one: UTF-8, or UTF-16 if the mark is of it. Invalid
 * bytes are refused with their line, once everything before them was read.
 */
final class CsvText extends Reader {
    static final int LOOK_AHEAD = 1 << 16;

    private final String file;
    private final InputStream in;
    private final ByteBuffer bytes = ByteBuffer.allocate(1 << 13).flip();
    private final char[] characters = new char[LOOK_AHEAD];
    private final CharsetDecoder decoder;
    private final byte[] mark;

    private int next;
    private int limit;
    private boolean ended;
    private boolean decoded;
    private boolean malformed;
    private long line = 1;
    private boolean afterReturn;

    CsvText(String file, InputStream in) throws IOException {
        this.file = file;
        this.in = in;
        while (bytes.remaining() < 3 && fill()) {
            // the mark may come in pieces
        }
        String start = new String(bytes.array(), 0, Math.min(3, bytes.remaining()), StandardCharsets.ISO_8859_1);
        Charset charset = start.startsWith("\u00ff\u00fe")
                ? StandardCharsets.UTF_16LE
                : start.startsWith("\u00fe\u00ff") ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_8;
        mark = new byte[charset != StandardCharsets.UTF_8 ? 2 : start.equals("\u00ef\u00bb\u00bf") ? 3 : 0];
        bytes.get(mark);
        decoder = charset.newDecoder();
    }

    /** Returns the byte order mark; empty if there is none. */
    byte[] mark() {
        return mark;
    }

    Charset charset() {
        return decoder.charset();
    }

    /** Returns the first characters, up to the look-ahead, without reading them. Called before anything is read. */
    CharSequence start() throws IOException {
        while (!decoded && !malformed && decode()) {
            // until the buffer is full
        }
        return CharBuffer.wrap(characters, 0, limit);
    }

    /** Reads more bytes; false if there are none. */
    private boolean fill() throws IOException {
        if (ended) {
            return false;
        }
        bytes.compact();
        int got = in.read(bytes.array(), bytes.position(), bytes.remaining());
        bytes.position(bytes.position() + Math.max(0, got)).flip();
        ended = got < 0;
        return !ended;
    }

    /** Adds characters to the buffer; false if it has no room for more. */
    private boolean decode() throws IOException {
        CharBuffer into = CharBuffer.wrap(characters, limit, characters.length - limit);
        CoderResult result = decoder.decode(bytes, into, ended);
        count(limit, into.position());
        limit = into.position();
        malformed = result.isError();
        if (result.isUnderflow()) {
            decoded = ended;
            fill();
        }
        return !result.isOverflow();
    }

    private void count(int from, int to) {
        boolean wasReturn = afterReturn;
        int lines = 0;
        for (int i = from; i < to; i++) {
            char c = characters[i];
            if (c <= '\r') {
                lines += c == '\r' || c == '\n' && !wasReturn ? 1 : 0;
                wasReturn = c == '\r';
            } else {
                wasReturn = false;
            }
        }
        afterReturn = wasReturn;
        line += lines;
    }

    @Override
    public int read(char[] into, int start, int length) throws IOException {
        while (next == limit) {
            if (malformed) {
                throw refused();
            }
            if (decoded) {
                return -1;
            }
            next = 0;
            limit = 0;
            decode();
        }
        int some = Math.min(length, limit - next);
        System.arraycopy(characters, next, into, start, some);
        next += some;
        return some;
    }

    private ElboException refused() {
        if (decoder.charset() != StandardCharsets.UTF_8) {
            return ElboException.data(file + ": line " + line + " is not " + decoder.charset()
                    + ", as the file's first bytes promise; take another copy, or convert it to UTF-8");
        }
        return ElboException.data(file
                + Text.format(
                        ": line %d, byte 0x%02X is not UTF-8; convert it, for example with iconv -f latin1 -t utf-8",
                        line, bytes.get(bytes.position()) & 0xff));
    }

    @Override
    public void close() {
        // the stream is whose that opened it
    }
}
