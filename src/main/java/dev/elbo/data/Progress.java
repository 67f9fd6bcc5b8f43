package dev.elbo.data;

/** A listener for the progress of downloads and long reads. */
@FunctionalInterface
public interface Progress {
    /** Ignores all progress. */
    Progress NONE = (file, bytes, total) -> {};

    /**
     * Called during a download.
     *
     * @param file the file being downloaded
     * @param bytes number of bytes received
     * @param total number of bytes of the file, or −1 if the server did not send it
     */
    void at(String file, long bytes, long total);

    /**
     * Called during a long read.
     *
     * @param source the source being read
     * @param done number of its files or examples read
     * @param total number of all of them
     */
    default void reading(String source, long done, long total) {}

    /**
     * Called with a remark that does not prevent reading.
     *
     * @param line the remark, one line
     */
    default void note(String line) {}
}
