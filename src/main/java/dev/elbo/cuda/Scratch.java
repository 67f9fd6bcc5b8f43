package dev.elbo.cuda;

/**
 * Memory for sums of two stages, in float64. Operations of one stream use it one after the other; it is handed out when an
 * operation is made, and stays where it is for the programs that hold it.
 */
@FunctionalInterface
interface Scratch {
    /** The address of at least so many doubles. */
    long doubles(long count);
}
