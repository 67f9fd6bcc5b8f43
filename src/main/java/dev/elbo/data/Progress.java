package dev.elbo.data;

/** Told now and then how far a download is. */
@FunctionalInterface
public interface Progress {
    /** Nobody is told. */
    Progress NONE = (file, bytes, total) -> {};

    /**
     * @param file what is being downloaded
     * @param bytes how many bytes have come
     * @param total how many there will be, or −1 where the server did not say
     */
    void at(String file, long bytes, long total);
}
