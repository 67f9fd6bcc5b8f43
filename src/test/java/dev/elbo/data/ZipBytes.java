package dev.elbo.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** ZIP archives for tests. */
final class ZipBytes {
    /** A directory's entry, and what stands before the content. */
    private static final int CENTRAL = 46;

    private static final int LOCAL = 30;
    private static final int MAX_UNPACKED = 1 << 20;

    private ZipBytes() {}

    static byte[] zip(boolean stored, Map<String, byte[]> entries) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> each : entries.entrySet()) {
                ZipEntry entry = new ZipEntry(each.getKey());
                if (stored) {
                    entry.setMethod(ZipEntry.STORED);
                    entry.setSize(each.getValue().length);
                    entry.setCrc(crc(each.getValue()));
                }
                out.putNextEntry(entry);
                out.write(each.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static long crc(byte[] content) {
        CRC32 crc = new CRC32();
        crc.update(content);
        return crc.getValue();
    }

    /** An archive whose directory has the right checksums and unpacked sizes, as far as the rest of it makes sense. */
    static byte[] mended(byte[] archive) {
        ByteBuffer bytes = ByteBuffer.wrap(archive.clone()).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at + CENTRAL <= archive.length; at++) {
            if (bytes.getInt(at) == 0x02014b50) {
                mend(bytes, at);
            }
        }
        return bytes.array();
    }

    private static void mend(ByteBuffer bytes, int entry) {
        long header = bytes.getInt(entry + 42) & 0xffffffffL;
        long packed = bytes.getInt(entry + 20) & 0xffffffffL;
        if (header + LOCAL > bytes.limit()) {
            return;
        }
        int at = (int) header;
        long start = header + LOCAL + (bytes.getShort(at + 26) & 0xffff) + (bytes.getShort(at + 28) & 0xffff);
        if (start + packed > bytes.limit()) {
            return;
        }
        byte[] content = new byte[(int) packed];
        bytes.get((int) start, content);
        if (bytes.getShort(entry + 10) != 0) {
            content = inflated(content);
        }
        bytes.putInt(entry + 16, (int) crc(content)).putInt(entry + 24, content.length);
    }

    /** What comes before the first fault. */
    private static byte[] inflated(byte[] packed) {
        Inflater inflater = new Inflater(true);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] some = new byte[1 << 12];
        try {
            inflater.setInput(packed);
            for (int got; out.size() < MAX_UNPACKED && (got = inflater.inflate(some)) > 0; ) {
                out.write(some, 0, got);
            }
        } catch (DataFormatException e) {
            return out.toByteArray();
        } finally {
            inflater.end();
        }
        return out.toByteArray();
    }
}
