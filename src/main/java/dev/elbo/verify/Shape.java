package dev.elbo.verify;

/** Rows of K samples for each of B examples: row k·B + b holds sample k of example b. */
record Shape(int batch, int cols, int samples) {
    int rows() {
        return samples * batch;
    }

    @Override
    public String toString() {
        return batch + " × " + cols + ", " + samples + " samples";
    }
}
