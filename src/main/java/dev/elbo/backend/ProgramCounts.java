package dev.elbo.backend;

/**
 * The counts of the work that programs have queued, each program as often as it ran.
 *
 * @param launches kernels, products and copies as the device counts them: a product may be several
 * @param planned kernels and products as the program asked for them
 * @param criticalPathNodes planned ones on the longest chain, which cannot run side by side
 * @param joins waits of one of them for one of another branch
 */
public record ProgramCounts(long launches, long planned, long criticalPathNodes, long joins) {
    /** The counts of a backend whose programs are plain lists. */
    public static final ProgramCounts NONE = new ProgramCounts(0, 0, 0, 0);

    /**
     * {@return the counts since}
     *
     * @param earlier an earlier count
     */
    public ProgramCounts since(ProgramCounts earlier) {
        return new ProgramCounts(
                launches - earlier.launches,
                planned - earlier.planned,
                criticalPathNodes - earlier.criticalPathNodes,
                joins - earlier.joins);
    }
}
