package dev.elbo.data;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;

/** The rows of several parts, one part after the other. */
final class JoinedRows extends Rows {
    /** Those that are not empty. */
    private final Rows[] parts;
    /** Number of each part's first row, then the number of all rows. */
    private final int[] starts;

    JoinedRows(List<Rows> all) {
        super(
                all.stream().mapToInt(Rows::count).reduce(0, Math::addExact),
                all.get(0).features(),
                all.stream().map(Rows::type).max(Comparator.naturalOrder()).orElseThrow());
        if (all.stream().anyMatch(part -> part.features() != features() || part.isBytes() != isBytes())) {
            throw new IllegalArgumentException("joined rows differ in length or type");
        }
        this.parts = all.stream().filter(part -> part.count() > 0).toArray(Rows[]::new);
        this.starts = new int[parts.length + 1];
        for (int i = 0; i < parts.length; i++) {
            starts[i + 1] = starts[i] + parts[i].count();
        }
    }

    @Override
    public boolean isMapped() {
        return Arrays.stream(parts).anyMatch(Rows::isMapped);
    }

    @Override
    Rows replaced(UnaryOperator<Rows> by) {
        return new JoinedRows(
                Arrays.stream(parts).map(part -> part.replaced(by)).toList());
    }

    private int partOf(int row) {
        int found = Arrays.binarySearch(starts, row);
        return found < 0 ? -found - 2 : found;
    }

    @Override
    void copyBytes(int from, int rows, ByteBuffer into, int at) {
        for (int done = 0, some; done < rows; done += some) {
            int part = partOf(from + done);
            some = Math.min(rows - done, starts[part + 1] - from - done);
            parts[part].copyBytes(from + done - starts[part], some, into, at + done * features());
        }
    }

    @Override
    void copyFloats(int from, int rows, FloatBuffer into, int at) {
        for (int done = 0, some; done < rows; done += some) {
            int part = partOf(from + done);
            some = Math.min(rows - done, starts[part + 1] - from - done);
            parts[part].copyFloats(from + done - starts[part], some, into, at + done * features());
        }
    }

    @Override
    void copyDoubles(int from, int rows, double[] into, int at) {
        for (int done = 0, some; done < rows; done += some) {
            int part = partOf(from + done);
            some = Math.min(rows - done, starts[part + 1] - from - done);
            parts[part].copyDoubles(from + done - starts[part], some, into, at + done * features());
        }
    }
}
