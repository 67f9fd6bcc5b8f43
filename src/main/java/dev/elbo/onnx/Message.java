package dev.elbo.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A message in the encoding of protocol buffers (https://protobuf.dev/programming-guides/encoding), built field by field.
 * Whoever adds fields in ascending order of their numbers gets the bytes that the official encoders write. A nested
 * message is taken as it is when it is added.
 */
final class Message {
    private static final int VARINT = 0;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED32 = 5;
    private static final int CHUNK = 1 << 16;

    /** A piece of the encoding: bytes, or values to be written as little-endian float32. Values are kept, not copied. */
    private record Piece(byte[] bytes, float[] floats) {
        long size() {
            return bytes != null ? bytes.length : (long) floats.length * Float.BYTES;
        }
    }

    private final List<Piece> pieces = new ArrayList<>();
    private long size;

    /** int32, int64 or an enum's number. */
    Message integer(int field, long value) {
        tag(field, VARINT);
        varint(value);
        return this;
    }

    /** A packed field of int64. */
    Message packed(int field, long... values) {
        Message content = new Message();
        for (long value : values) {
            content.varint(value);
        }
        return message(field, content);
    }

    Message float32(int field, float value) {
        tag(field, FIXED32);
        add(new Piece(null, new float[] {value}));
        return this;
    }

    Message string(int field, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        tag(field, LENGTH_DELIMITED);
        varint(bytes.length);
        add(new Piece(bytes, null));
        return this;
    }

    /** A field of bytes that holds little-endian float32. */
    Message rawFloats(int field, float[] values) {
        tag(field, LENGTH_DELIMITED);
        varint((long) values.length * Float.BYTES);
        add(new Piece(null, values));
        return this;
    }

    Message message(int field, Message nested) {
        tag(field, LENGTH_DELIMITED);
        varint(nested.size);
        nested.pieces.forEach(this::add);
        return this;
    }

    Message messages(int field, List<Message> nested) {
        nested.forEach(one -> message(field, one));
        return this;
    }

    Message strings(int field, List<String> values) {
        values.forEach(value -> string(field, value));
        return this;
    }

    long size() {
        return size;
    }

    void write(WritableByteChannel out) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        for (Piece piece : pieces) {
            int values = piece.bytes != null ? piece.bytes.length : piece.floats.length;
            int width = piece.bytes != null ? 1 : Float.BYTES;
            for (int done = 0; done < values; ) {
                if (chunk.remaining() < width) {
                    out.write(chunk.flip());
                    chunk.clear();
                }
                int some = Math.min(values - done, chunk.remaining() / width);
                if (piece.bytes != null) {
                    chunk.put(piece.bytes, done, some);
                } else {
                    chunk.slice().order(chunk.order()).asFloatBuffer().put(piece.floats, done, some);
                    chunk.position(chunk.position() + some * width);
                }
                done += some;
            }
        }
        out.write(chunk.flip());
    }

    private void tag(int field, int wireType) {
        varint((long) field << 3 | wireType);
    }

    /** Seven bits a byte, the lowest first, the top bit of all but the last set. */
    private void varint(long value) {
        byte[] bytes = new byte[Math.max(1, (70 - Long.numberOfLeadingZeros(value)) / 7)];
        for (int i = 0; i < bytes.length; i++) {
            boolean last = i == bytes.length - 1;
            bytes[i] = (byte) (value >>> 7 * i & 0x7f | (last ? 0 : 0x80));
        }
        add(new Piece(bytes, null));
    }

    private void add(Piece piece) {
        pieces.add(piece);
        size += piece.size();
    }
}
