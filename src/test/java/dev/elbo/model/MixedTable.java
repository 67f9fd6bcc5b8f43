package dev.elbo.model;

import java.util.Arrays;
import java.util.Random;

/** A table with a column of every kind, a constant one among them, and rows of it with gaps. */
public final class MixedTable {
    public static final Table TABLE = Table.builder()
            .gaussian("age")
            .constant("site", "north")
            .bernoulli("smokes", "no", "yes")
            .categorical("colour", "red", "green", "blue, dark")
            .poisson("visits")
            .gaussian("height")
            .gaussian("weight")
            .negativeBinomial("claims")
            .build();

    /** Places of an example: 0 age, 1 smokes, 2 to 4 colour, 5 visits, 6 height, 7 weight, 8 claims. */
    public static final int PLACES = TABLE.features();

    private MixedTable() {}

    /** Rows with three of ten values missing, and nothing in the second row, if there is one. */
    public static float[] rows(int count, long seed) {
        return rows(TABLE.modelled(), count, seed);
    }

    /** Rows of other columns, likewise. */
    public static float[] rows(Columns columns, int count, long seed) {
        Random random = new Random(seed);
        float[] rows = new float[count * columns.features()];
        for (int r = 0; r < count; r++) {
            int place = r * columns.features();
            for (Columns.Column column : columns.all()) {
                float value = (float)
                        switch (column.kind()) {
                            case GAUSSIAN -> random.nextGaussian();
                            case BERNOULLI -> random.nextInt(2);
                            case CATEGORICAL -> random.nextInt(column.size());
                            case POISSON -> random.nextInt(5);
                            case NEGATIVE_BINOMIAL -> random.nextInt(9) * random.nextInt(9);
                        };
                if (random.nextInt(10) < 3 || r == 1) {
                    Arrays.fill(rows, place, place + column.size(), Float.NaN);
                } else if (column.kind() == ColumnKind.CATEGORICAL) {
                    rows[place + (int) value] = 1;
                } else {
                    rows[place] = value;
                }
                place += column.size();
            }
        }
        return rows;
    }
}
