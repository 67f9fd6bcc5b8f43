package dev.elbo.data;

/** Told now and then how far a download or a long read is. */
@FunctionalInterface
public interface Progress {
    /** Nobody is told. */
    Progress NONE = (file, bytes, total) -> {};

    /**
     * Something is being downloaded.
     *
     * @param file what is being downloaded
     * @param bytes how many bytes have come
     * @param total how many there will be, or −1 where the server did not say
     */
    void at(String file, long bytes, long total);

    /**
     * Something is being read.
     *
     * @param source what is being read
     * @param done how many of its files or examples are read
     * @param total how many there are
     */
    default void reading(String source, long done, long total) {}

    /**
     * Something was seen that does not keep the data from being read.
     *
     * @param line what somebody who gave the data should know, one line
     */
    default void note(String line) {}
}
