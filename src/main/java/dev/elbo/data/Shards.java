package dev.elbo.data;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.DoubleBinaryOperator;

/**
 * The logical shards of a run, and those of them whose rows are here. Example i of all training data is in shard i mod S. Data sets
 * hold the rows of some neighbouring shards in their order among all: a process on its own has all of them, a member of a group
 * has some, and gets from the others what statistics need.
 */
public final class Shards {
    private final int count;
    private final int from;
    private final int to;
    private final Members members;

    /** The members of a group, each of which has as many shards, and calls the same methods in the same order. */
    @FunctionalInterface
    public interface Members {
        /**
         * {@return the numbers of each member, in the order of their shards}
         *
         * @param own those of this member; as many as the others have
         */
        double[][] gather(double[] own);
    }

    private Shards(int count, int from, int to, Members members) {
        if (from < 0 || from >= to || to > count) {
            throw new IllegalArgumentException("shards " + from + " to " + (to - 1) + " of " + count);
        }
        this.count = count;
        this.from = from;
        this.to = to;
        this.members = Objects.requireNonNull(members, "members");
    }

    /**
     * {@return all shards of a run, in this process}
     *
     * @param count their number, S, at least 1
     * @throws IllegalArgumentException if it is not
     */
    public static Shards all(int count) {
        return new Shards(count, 0, count, own -> new double[][] {own});
    }

    /**
     * {@return the shards of a member of a group}
     *
     * @param count of the shards of all members, S
     * @param from the member's first shard
     * @param to the one behind its last
     * @param members gathers numbers from all
     * @throws IllegalArgumentException if there is no shard, or one that the run has not
     */
    public static Shards of(int count, int from, int to, Members members) {
        return new Shards(count, from, to, members);
    }

    /**
     * {@return some neighbouring shards of these, whose rows have the same numbers among all} They take part in no statistics.
     *
     * @param first of them
     * @param end the shard behind the last
     * @throws IllegalArgumentException if there is none, or one that is not here
     */
    public Shards part(int first, int end) {
        if (first < from || end > to) {
            throw new IllegalArgumentException(
                    "shards " + first + " to " + (end - 1) + " of " + from + " to " + (to - 1));
        }
        return new Shards(count, first, end, own -> {
            throw new IllegalStateException("a part of the shards of a member has no statistics");
        });
    }

    /** {@return the number of shards of the run, S} */
    public int count() {
        return count;
    }

    /** {@return the first shard that is here} */
    public int from() {
        return from;
    }

    /** {@return the shard behind the last one that is here} */
    public int to() {
        return to;
    }

    /** {@return the number of shards that are here} */
    public int width() {
        return to - from;
    }

    /** {@return whether all shards are here} */
    public boolean isAll() {
        return width() == count;
    }

    /**
     * {@return the number among all rows of a row that is here}
     *
     * @param row its number here, from 0
     */
    public long number(int row) {
        return (long) (row / width()) * count + from + row % width();
    }

    /**
     * {@return the rows of a shard that is here}
     *
     * @param rows that are here, of all shards together
     * @param shard its number in the run
     */
    public int[] rows(int rows, int shard) {
        int own = shard - from;
        int[] numbers = new int[rows <= own ? 0 : (rows - own - 1) / width() + 1];
        Arrays.setAll(numbers, i -> i * width() + own);
        return numbers;
    }

    /**
     * {@return rows of numbers for all shards}
     *
     * @param own a row for each shard that is here, one after the other
     */
    public double[] gather(double[] own) {
        return isAll()
                ? own
                : Arrays.stream(members.gather(own))
                        .flatMapToDouble(Arrays::stream)
                        .toArray();
    }

    /** Returns a row of numbers for each member. */
    double[][] ofMembers(double... own) {
        return isAll() ? new double[][] {own} : members.gather(own);
    }

    /**
     * {@return numbers of all members in one, place by place, in the order of the members}
     *
     * @param operator takes two numbers of a place
     * @param own numbers of this member, as many as those of the others
     */
    public double[] fold(DoubleBinaryOperator operator, double... own) {
        double[][] all = ofMembers(own);
        double[] folded = all[0].clone();
        for (int member = 1; member < all.length; member++) {
            for (int i = 0; i < folded.length; i++) {
                folded[i] = operator.applyAsDouble(folded[i], all[member][i]);
            }
        }
        return folded;
    }

    /**
     * {@return the number of rows of all members}
     *
     * @param own rows that are here
     */
    public long rows(int own) {
        return (long) fold(Double::sum, own)[0];
    }

    /**
     * {@return sums over all shards, place by place, in the tree of {@link ShardTree}}
     *
     * @param sums a row of sums for each shard that is here, one after the other
     */
    public double[] total(double[] sums) {
        double[] all = gather(sums);
        double[] total = new double[all.length / count];
        double[] ofShards = new double[count];
        for (int i = 0; i < total.length; i++) {
            for (int shard = 0; shard < count; shard++) {
                ofShards[shard] = all[shard * total.length + i];
            }
            total[i] = ShardTree.sum(ofShards);
        }
        return total;
    }
}
