package dev.elbo.tensor;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The places of named matrices in one piece of memory, in the order in which they were added. Groups start on 64-byte
 * boundaries of float32; the members of one group follow each other without gaps, so that they can also be seen as one
 * taller matrix.
 */
public final class Layout {
    /** Elements that a new group is aligned to. */
    public static final int ALIGNMENT = 16;

    /**
     * A place of dense elements.
     *
     * @param offset of the first, in elements
     * @param rows at least 1
     * @param cols at least 1
     */
    public record Slot(long offset, int rows, int cols) {
        /** {@return number of elements} */
        public long size() {
            return (long) rows * cols;
        }
    }

    private final Map<String, Slot> slots = new LinkedHashMap<>();
    private long size;

    /** Creates an empty layout. */
    public Layout() {}

    /**
     * Adds a matrix at the next boundary.
     *
     * @param name not yet taken
     * @param rows at least 1
     * @param cols at least 1
     * @return this
     */
    public Layout add(String name, int rows, int cols) {
        size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        return append(name, rows, cols);
    }

    /**
     * Adds a matrix right behind the last one.
     *
     * @param name not yet taken
     * @param rows at least 1
     * @param cols at least 1
     * @return this
     */
    public Layout append(String name, int rows, int cols) {
        Slot slot = new Slot(size, rows, cols);
        if (slots.putIfAbsent(name, slot) != null) {
            throw new IllegalArgumentException("'" + name + "' is already in the layout");
        }
        size += slot.size();
        return this;
    }

    /** {@return the number of elements, padding included} */
    public long size() {
        return size;
    }

    /** {@return the places by name, in order} */
    public Map<String, Slot> slots() {
        return Collections.unmodifiableMap(slots);
    }

    /**
     * {@return the place of a matrix}
     *
     * @param name of a matrix
     * @throws IllegalArgumentException if there is none of this name
     */
    public Slot slot(String name) {
        Slot slot = slots.get(name);
        if (slot == null) {
            throw new IllegalArgumentException("no '" + name + "' in the layout; it has " + slots.keySet());
        }
        return slot;
    }
}
