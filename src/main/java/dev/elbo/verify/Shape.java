package dev.elbo.verify;

/** Rows of K samples for each of B examples: row k·B + b holds sample k of example b. */
record Shape(int batch, int cols, int samples) {
    static Shape of(int[] sizes) {
        return new Shape(sizes[0], sizes[1], sizes[2]);
    }

    int rows() {
        return samples * batch;
    }

    @Override
    public String toString() {
        return batch + " × " + cols + ", " + samples + " samples";
    }
}
