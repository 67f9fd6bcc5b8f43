package dev.elbo.data;

/** A listener for the progress of downloads and long reads. */
@FunctionalInterface
public interface Progress {
    /** Ignores all progress. */
    Progress NONE = (file, bytes, total) -> {};

    /**
     * Called during a download.
     *
     * @param file what is being downloaded
     * @param bytes how many bytes have come
     * @param total how many there will be, or −1 where the server did not say
     */
    void at(String file, long bytes, long total);

    /**
     * Called during a long read.
     *
     * @param source what is being read
     * @param done how many of its files or examples are read
     * @param total how many there are
     */
    default void reading(String source, long done, long total) {}

    /**
     * Called with a remark that does not prevent reading.
     *
     * @param line what somebody who gave the data should know, one line
     */
    default void note(String line) {}
}
