package dev.elbo.cli;

import dev.elbo.error.ElboException;
import dev.elbo.io.AtomicFile;
import dev.elbo.io.Heap;
import dev.elbo.io.ImageShape;
import dev.elbo.io.Images;
import dev.elbo.io.RowsFile;
import java.awt.image.BufferedImage;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The file and format of a command's rows: the given format, or that of the name's ending. */
final class OutputOptions {
    private static final String STDOUT = "-";

    enum Format {
        CSV,
        NPY,
        PNG
    }

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--out",
            paramLabel = "F",
            required = true,
            description =
                    "File to write: .csv, .npy, or .png if the rows are pictures; - is stdout, as CSV unless --format"
                            + " says otherwise.")
    private String out;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "Format of the file: csv, npy or png (default: by the ending of its name).")
    private Format format;

    /** Checks name and format before any work is done. */
    void check(boolean images) {
        String kinds = images ? ".csv, .npy or .png" : ".csv or .npy";
        if (format() == null) {
            throw ElboException.usage(
                    "--out " + out + ": the name must end in " + kinds + ", or be - for stdout; or give --format");
        }
        if (format() == Format.PNG && !images) {
            throw ElboException.usage("--out " + out + ": these rows are not pictures; write " + kinds);
        }
        if (format() == Format.PNG && isStdout()) {
            throw ElboException.usage("--out -: pictures are written to files; give a file name");
        }
        file();
    }

    private Format format() {
        if (format != null || isStdout()) {
            return format == null ? Format.CSV : format;
        }
        String name = out.toLowerCase(Locale.ROOT);
        return name.endsWith(".csv")
                ? Format.CSV
                : name.endsWith(".npy") ? Format.NPY : name.endsWith(".png") ? Format.PNG : null;
    }

    boolean isStdout() {
        return out.equals(STDOUT);
    }

    private Path file() {
        try {
            return Path.of(out);
        } catch (InvalidPathException e) {
            throw ElboException.usage("--out " + out + ": is not a valid path");
        }
    }

    /** {@return the end of a message: " in FILE", or nothing for stdout} */
    String where() {
        return isStdout() ? "" : " in " + out;
    }

    void write(RowsOutput made) {
        if (!isStdout()) {
            requireRoom(made);
            AtomicFile.write(file(), channel -> write(made, channel));
            return;
        }
        PrintWriter stdout = spec.commandLine().getOut();
        try {
            write(made, format() == Format.CSV ? text(stdout) : bytes(stdout));
        } catch (IOException e) {
            throw new ClosedOutput(e);
        }
    }

    /** Refuses rows that the disk has no room for, before hours of work. */
    private void requireRoom(RowsOutput made) {
        int least = format() == Format.CSV ? 2 : made.single() ? Float.BYTES : Double.BYTES;
        int fields = format() == Format.CSV ? made.fields() : made.columns().size();
        long bytes = (long) made.rows() * fields * least;
        long free;
        try {
            free = Files.getFileStore(file().toAbsolutePath().getParent()).getUsableSpace();
        } catch (IOException e) {
            return; // the write reports the problem
        }
        if (bytes > free) {
            throw ElboException.io(out + ": needs at least " + (bytes >> 20) + " MiB, but its disk has " + (free >> 20)
                    + " MiB free; write fewer rows, or use another disk");
        }
    }

    private void write(RowsOutput made, WritableByteChannel channel) throws IOException {
        RowsFile file = format() == Format.CSV
                ? made.csv(channel)
                : RowsFile.npy(channel, made.columns().size(), made.rows(), made.single());
        try {
            made.make().accept(rows -> {
                try {
                    file.write(rows);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        file.finish();
    }

    private static WritableByteChannel text(PrintWriter stdout) {
        return new WritableByteChannel() {
            @Override
            public int write(ByteBuffer bytes) throws IOException {
                int length = bytes.remaining();
                stdout.print(StandardCharsets.UTF_8.decode(bytes));
                if (stdout.checkError()) {
                    throw new IOException("stdout is closed");
                }
                return length;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
    }

    /** Opens the descriptor itself, behind the text, since a writer of text cannot carry bytes. */
    private static WritableByteChannel bytes(PrintWriter stdout) {
        stdout.flush();
        return Channels.newChannel(new FileOutputStream(FileDescriptor.out));
    }

    /** Writes rows that may be images, as numbers or as a picture that is about as wide as high. */
    void writeImages(RowsOutput made, Optional<ImageShape> shape) {
        writeImages(made, shape, Math.max(1, Math.min(16, (int) Math.ceil(Math.sqrt(made.rows())))));
    }

    /** Writes rows that may be images, {@code columns} of them in a line of the picture. */
    void writeImages(RowsOutput made, Optional<ImageShape> shape, int columns) {
        if (format() != Format.PNG) {
            write(made);
            return;
        }
        if (made.text().isPresent()) {
            throw ElboException.usage(
                    "--out " + out + ": rows of a table are not pictures; write .csv or .npy instead");
        }
        int cols = made.columns().size();
        ImageShape image = shape.or(() -> ImageShape.guess(cols))
                .orElseThrow(() -> ElboException.usage("--out " + out + ": " + cols
                        + " values are not an image of known shape; write .csv or .npy instead"));
        BufferedImage picture;
        try {
            picture = Images.grid(collect(made), made.rows(), image, columns, Images.scale(image));
        } catch (IllegalArgumentException e) {
            throw ElboException.usage("--out " + out + ": " + e.getMessage() + ", or write .csv or .npy");
        }
        Images.writePng(file(), picture);
    }

    private float[] collect(RowsOutput made) {
        float[] all = Heap.array(out, (long) made.rows() * made.columns().size(), Float.BYTES, float[]::new);
        int[] filled = {0};
        made.make().accept(rows -> {
            for (double value : rows) {
                all[filled[0]++] = (float) value;
            }
        });
        return all;
    }
}
