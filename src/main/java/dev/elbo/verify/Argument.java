package dev.elbo.verify;

import dev.elbo.tensor.ElementType;

/**
 * One tensor of a case.
 *
 * @param name as in {@link dev.elbo.backend.Ops}
 * @param role whether it is read, written or both
 * @param type type of the elements
 * @param place place in memory
 * @param given the values before the run, whatever the type; null for an output
 * @param bound largest error after the run; null for an input
 * @param zerosMeant reason for many zeros; null if they are an error
 * @hidden
 */
public record Argument(
        String name,
        Role role,
        ElementType type,
        int rows,
        int cols,
        Place place,
        Grid given,
        Bound bound,
        String zerosMeant) {
    /** The use that the operation makes of it. */
    public enum Role {
        INPUT,
        OUTPUT,
        IN_OUT
    }

    /**
     * The place of a tensor. Tensors of the same region lie side by side in the rows of one matrix.
     *
     * @param region the piece of memory
     * @param column first column within the region's rows
     * @param stride elements from row to row
     * @param lead guard elements ahead of the first row
     */
    public record Place(String region, int column, int stride, int lead) {
        /** A multiple of every vector width. */
        static final int ALIGNED = 64;
        /** Odd, so that no row starts at a vector boundary. */
        static final int UNALIGNED = 61;
        /**
         * A gap that grows until rows are whole quads apart, from an aligned address. All quads of a row are aligned then, and the
         * last need not be full.
         */
        static final int WHOLE_QUADS = -1;

        static String label(int gap) {
            return gap == 0 ? "" : gap == WHOLE_QUADS ? ", rows of whole quads" : ", strided";
        }
    }

    boolean isWritten() {
        return role != Role.INPUT;
    }
}
