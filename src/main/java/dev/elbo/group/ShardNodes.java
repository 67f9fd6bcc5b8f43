package dev.elbo.group;

import java.util.ArrayList;
import java.util.List;

/**
 * The nodes of the fixed binary tree over shards: neighbours in pairs, of which an odd last one passes up. Node i of level l has the
 * shards i·2^l to (i + 1)·2^l − 1, as far as there are so many.
 *
 * @param active shards that are added, the first ones
 */
record ShardNodes(int active) {
    /**
     * A node.
     *
     * @param first shard of it
     * @param end the shard behind its last
     */
    record Node(int level, int first, int end) {
        boolean isShard() {
            return level == 0;
        }
    }

    /** Returns the node of all shards. */
    Node root() {
        int level = active == 1 ? 0 : Integer.SIZE - Integer.numberOfLeadingZeros(active - 1);
        return new Node(level, 0, active);
    }

    Node left(Node node) {
        return child(node, node.first);
    }

    /** Returns the second child of a node; null for one that passes up its only child. */
    Node right(Node node) {
        int first = node.first + (1 << (node.level - 1));
        return first < active ? child(node, first) : null;
    }

    private Node child(Node node, int first) {
        return new Node(node.level - 1, first, Math.min(first + (1 << (node.level - 1)), active));
    }

    /** Returns the largest nodes that have shards {@code from} to {@code to − 1} alone, and together all of these that are active. */
    List<Node> within(int from, int to) {
        List<Node> nodes = new ArrayList<>();
        collect(root(), from, to, nodes);
        return nodes;
    }

    private void collect(Node node, int from, int to, List<Node> into) {
        if (node.end <= from || to <= node.first) {
            return;
        }
        if (from <= node.first && node.end <= to) {
            into.add(node);
            return;
        }
        collect(left(node), from, to, into);
        Node right = right(node);
        if (right != null) {
            collect(right, from, to, into);
        }
    }
}
