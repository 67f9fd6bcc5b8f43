package dev.elbo.cpu;

import dev.elbo.backend.HostBuffer;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import dev.elbo.tensor.Tensor;

/** The columns that {@link Columns#table()} describes, as they are when a command runs. */
final class ColumnTable {
    private static final ColumnKind[] KINDS = ColumnKind.values();

    private final int[] values;
    private final int offset;
    private final ColumnKind[] kinds;
    private final int[] places;
    private final int[] sizes;
    private final int[] numbers;

    ColumnTable(Tensor columns) {
        values = HostBuffer.array(columns);
        offset = (int) columns.offset();
        int count = columns.rows();
        kinds = new ColumnKind[count];
        places = new int[count];
        sizes = new int[count];
        numbers = new int[count];
    }

    /** Reads the table; a command begins with it. */
    void read() {
        for (int c = 0; c < kinds.length; c++) {
            int at = offset + Columns.FIELDS * c;
            kinds[c] = KINDS[values[at]];
            places[c] = values[at + 1];
            sizes[c] = values[at + 2];
            numbers[c] = values[at + 3];
        }
    }

    int count() {
        return kinds.length;
    }

    ColumnKind kind(int c) {
        return kinds[c];
    }

    int place(int c) {
        return places[c];
    }

    int size(int c) {
        return sizes[c];
    }

    /** Returns the number among the columns of its kind. */
    int number(int c) {
        return numbers[c];
    }
}
