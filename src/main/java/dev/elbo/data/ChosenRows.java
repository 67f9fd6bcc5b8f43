package dev.elbo.data;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** A selection of the rows of a base, in any order. */
final class ChosenRows extends Rows {
    private final Rows base;
    private final int[] numbers;

    private ChosenRows(Rows base, int[] numbers) {
        super(numbers.length, base.features(), base.type());
        this.base = base;
        this.numbers = numbers;
    }

    static ChosenRows of(Rows rows, int[] numbers) {
        for (int number : numbers) {
            Objects.checkIndex(number, rows.count());
        }
        // Rows chosen from chosen rows refer to the first ones: a chain of views never grows.
        ChosenRows chosen = rows instanceof ChosenRows some ? some : null;
        int[] own = numbers.clone();
        for (int i = 0; chosen != null && i < own.length; i++) {
            own[i] = chosen.numbers[own[i]];
        }
        return new ChosenRows(chosen == null ? rows : chosen.base, own);
    }

    @Override
    public boolean isMapped() {
        return base.isMapped();
    }

    @Override
    Rows replaced(UnaryOperator<Rows> by) {
        return new ChosenRows(base.replaced(by), numbers);
    }

    /** Counts the rows from {@code at}, up to {@code end}, that are adjacent in the base too. */
    private int run(int at, int end) {
        int run = 1;
        while (at + run < end && numbers[at + run] == numbers[at] + run) {
            run++;
        }
        return run;
    }

    @Override
    void copyBytes(int from, int rows, ByteBuffer into, int at) {
        for (int done = 0, run; done < rows; done += run) {
            run = run(from + done, from + rows);
            base.copyBytes(numbers[from + done], run, into, at + done * features());
        }
    }

    @Override
    void copyFloats(int from, int rows, FloatBuffer into, int at) {
        for (int done = 0, run; done < rows; done += run) {
            run = run(from + done, from + rows);
            base.copyFloats(numbers[from + done], run, into, at + done * features());
        }
    }

    @Override
    void copyDoubles(int from, int rows, double[] into, int at) {
        for (int done = 0, run; done < rows; done += run) {
            run = run(from + done, from + rows);
            base.copyDoubles(numbers[from + done], run, into, at + done * features());
        }
    }
}
