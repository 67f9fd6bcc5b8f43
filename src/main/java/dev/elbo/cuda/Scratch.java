package dev.elbo.cuda;

/**
 * Memory for sums of two stages, in float64. Operations take stretches of it in turn, so that neighbours of a program need not
 * wait for each other; a stretch is handed out when an operation is made, and stays where it is for the programs that hold it.
 */
@FunctionalInterface
interface Scratch {
    /** At least so many doubles. */
    AddressRange doubles(long count);
}
