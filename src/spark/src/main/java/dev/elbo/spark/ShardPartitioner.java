package dev.elbo.spark;

import org.apache.spark.Partitioner;

/**
 * The partition of each worker: rows by their keys, which are their places in the training part, or behind all of these in the
 * held-out part. A place belongs to the shard of its remainder, and neighbouring shards to one worker.
 */
final class ShardPartitioner extends Partitioner {
    /** Added to the places of held-out rows. */
    static final long HELD_OUT = 1L << 40;

    private final int shards;
    private final int workers;

    ShardPartitioner(int shards, int workers) {
        this.shards = shards;
        this.workers = workers;
    }

    static boolean isHeldOut(long key) {
        return key >= HELD_OUT;
    }

    @Override
    public int numPartitions() {
        return workers;
    }

    @Override
    public int getPartition(Object key) {
        long place = (Long) key % HELD_OUT;
        return (int) (place % shards) / (shards / workers);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ShardPartitioner that && that.shards == shards && that.workers == workers;
    }

    @Override
    public int hashCode() {
        return 31 * shards + workers;
    }
}
