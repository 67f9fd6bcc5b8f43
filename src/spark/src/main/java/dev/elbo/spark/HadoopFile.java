package dev.elbo.spark;

import java.io.IOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A file that is written under another name first, and has its own when it is whole. */
final class HadoopFile {
    private HadoopFile() {}

    /** Something that writes bytes. */
    interface Content {
        void write(FSDataOutputStream out) throws IOException;
    }

    /** Makes or replaces a file. */
    static void replace(FileSystem files, Path file, Content content) throws IOException {
        Path unfinished = new Path(file.getParent(), "." + file.getName() + ".tmp");
        try (FSDataOutputStream out = files.create(unfinished, true)) {
            content.write(out);
        }
        // a rename does not replace
        files.delete(file, false);
        if (!files.rename(unfinished, file)) {
            throw new IOException("the new file could not be renamed");
        }
    }
}
