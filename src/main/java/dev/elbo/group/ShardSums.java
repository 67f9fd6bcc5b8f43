package dev.elbo.group;

import dev.elbo.group.ShardNodes.Node;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Sums of rows of numbers over the shards of a group, each member of which has as many, the first member the first ones. They are
 * added in a fixed binary tree: neighbours in pairs, of which an odd last one passes up. So their bits do not depend on the number of
 * members. Each member adds a range of the row: it gets from the others what they can add of it by themselves, and adds the rest.
 */
public final class ShardSums {
    /** Numbers that stay together: ranges begin at multiples. */
    private static final int BLOCK = 64;

    private final Peers peers;
    private final int shards;
    private final int length;
    private final int width;
    private final Numbers numbers;
    private final ByteBuffer[] send;
    private final ByteBuffer[] receive;
    /** What others have added of this member's range, one row for each of their nodes. */
    private final Object others;

    private final Map<Integer, Plan> plans = new HashMap<>();

    /**
     * Prepares sums.
     *
     * @param peers the members, who do the same; they divide the shards
     * @param shards of all members
     * @param length numbers of a row, at least 1
     * @param isFloat whether they are float32, in {@code float[]}; else float64, in {@code double[]}
     * @throws IllegalArgumentException if there are no shards or numbers, or the shards cannot be divided
     */
    public ShardSums(Peers peers, int shards, int length, boolean isFloat) {
        if (shards < 1 || shards % peers.size() != 0 || length < 1) {
            throw new IllegalArgumentException(shards + " shards of " + length + " numbers for " + peers.size()
                    + " members; both must be at least 1, and the members divide the shards");
        }
        this.peers = peers;
        this.shards = shards;
        this.length = length;
        this.width = shards / peers.size();
        this.numbers = isFloat ? Numbers.FLOAT32 : Numbers.FLOAT64;
        this.send = new ByteBuffer[peers.size()];
        this.receive = new ByteBuffer[peers.size()];
        // no member has more nodes than shards
        int own = to() - from();
        this.others = numbers.array(Math.multiplyExact(own, Math.max(0, shards - width)));
        plan(shards);
    }

    private int end(int rank) {
        long blocks = ((long) length + BLOCK - 1) / BLOCK;
        return (int) Math.min(length, blocks * (rank + 1) / peers.size() * BLOCK);
    }

    private int from(int rank) {
        return rank == 0 ? 0 : end(rank - 1);
    }

    /** {@return the first number of the range that this member adds} */
    public int from() {
        return from(peers.rank());
    }

    /** {@return the number behind the last one of the range; that of {@link #from} if the range is empty} */
    public int to() {
        return end(peers.rank());
    }

    /** Which nodes each member adds by itself, if so many shards are added. */
    private record Plan(ShardNodes tree, List<List<Node>> ofMembers) {}

    private Plan plan(int active) {
        return plans.computeIfAbsent(active, count -> {
            ShardNodes tree = new ShardNodes(count);
            return new Plan(
                    tree,
                    IntStream.range(0, peers.size())
                            .mapToObj(rank -> tree.within(rank * width, (rank + 1) * width))
                            .toList());
        });
    }

    private ByteBuffer room(ByteBuffer[] buffers, int rank, long count) {
        int bytes = Math.toIntExact(count * numbers.bytes);
        if (buffers[rank] == null || buffers[rank].capacity() < bytes) {
            buffers[rank] = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }
        return buffers[rank].clear().limit(bytes);
    }

    /**
     * Adds the rows of the first shards, each member its range of them.
     *
     * @param own rows of this member's shards, one after the other; changed. Of shards that are not added nothing is read
     * @param active shards that are added, at least 1
     * @param into takes the sums of the range at its place in the row
     * @throws IllegalArgumentException if there are not so many shards
     */
    public void sum(Object own, int active, Object into) {
        if (active < 1 || active > shards) {
            throw new IllegalArgumentException(active + " of " + shards + " shards are added");
        }
        Plan plan = plan(active);
        int first = peers.rank() * width;
        List<Node> mine = plan.ofMembers.get(peers.rank());
        for (Node node : mine) {
            addWithin(plan.tree, node, own, first);
        }
        int range = to() - from();
        for (int rank = 0; rank < peers.size(); rank++) {
            if (rank != peers.rank()) {
                int slice = end(rank) - from(rank);
                ByteBuffer out = room(send, rank, (long) mine.size() * slice);
                for (int i = 0; i < mine.size(); i++) {
                    numbers.put(own, (mine.get(i).first() - first) * length + from(rank), out, i * slice, slice);
                }
                room(receive, rank, (long) plan.ofMembers.get(rank).size() * range);
            }
        }
        peers.exchange(send, receive);
        Map<Node, Place> places = new HashMap<>();
        mine.forEach(node -> places.put(node, new Place(own, (node.first() - first) * length + from())));
        int at = 0;
        for (int rank = 0; rank < peers.size(); rank++) {
            List<Node> theirs = rank == peers.rank() ? List.of() : plan.ofMembers.get(rank);
            if (!theirs.isEmpty()) {
                numbers.get(receive[rank].flip(), 0, others, at, theirs.size() * range);
            }
            for (Node node : theirs) {
                places.put(node, new Place(others, at));
                at += range;
            }
        }
        Place total = addAll(plan.tree, plan.tree.root(), places, range);
        System.arraycopy(total.array, total.at, into, from(), range);
    }

    /** Numbers of a node: a range of them in an array. */
    private record Place(Object array, int at) {}

    /** Adds the shards of a node, into the row of its first. */
    private void addWithin(ShardNodes tree, Node node, Object own, int firstShard) {
        if (node.isShard()) {
            return;
        }
        addWithin(tree, tree.left(node), own, firstShard);
        Node right = tree.right(node);
        if (right != null) {
            addWithin(tree, right, own, firstShard);
            int to = (node.first() - firstShard) * length;
            numbers.add(own, to, own, (right.first() - firstShard) * length, length);
        }
    }

    private Place addAll(ShardNodes tree, Node node, Map<Node, Place> places, int range) {
        Place known = places.get(node);
        if (known != null) {
            return known;
        }
        Place left = addAll(tree, tree.left(node), places, range);
        Node second = tree.right(node);
        if (second != null) {
            Place right = addAll(tree, second, places, range);
            numbers.add(left.array, left.at, right.array, right.at, range);
        }
        return left;
    }

    /**
     * Gives every member the ranges of all others.
     *
     * @param values a row, of which this member's range is given; takes the others'
     */
    public void gather(Object values) {
        int range = to() - from();
        ByteBuffer mine = null;
        for (int rank = 0; rank < peers.size(); rank++) {
            if (rank != peers.rank()) {
                if (mine == null) {
                    mine = room(send, rank, range);
                    numbers.put(values, from(), mine, 0, range);
                }
                room(receive, rank, end(rank) - from(rank));
            }
        }
        ByteBuffer[] same = new ByteBuffer[peers.size()];
        for (int rank = 0; rank < same.length; rank++) {
            same[rank] = mine == null || rank == peers.rank() ? null : mine.duplicate();
        }
        peers.exchange(same, receive);
        for (int rank = 0; rank < peers.size(); rank++) {
            if (rank != peers.rank()) {
                numbers.get(receive[rank].flip(), 0, values, from(rank), end(rank) - from(rank));
            }
        }
    }
}
