package dev.elbo.train;

import dev.elbo.data.Shards;
import dev.elbo.error.ElboException;
import dev.elbo.group.Peers;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/** The shards of the members of a group: each has as many, the first member the first ones. */
public final class GroupShards {
    private GroupShards() {}

    /**
     * {@return the shards of a member, through which statistics of all members' rows are found} What is computed with them is
     * computed by all members at the same time.
     *
     * @param peers of the member
     * @param count of the shards of all members, S
     * @throws ElboException usage, if the number of members does not divide it
     */
    public static Shards of(Peers peers, int count) {
        Objects.requireNonNull(peers, "peers");
        if (count < 1 || count % peers.size() != 0) {
            throw ElboException.usage("TrainingOptions.shards is " + count + ", which the group's " + peers.size()
                    + " members do not divide; use a multiple");
        }
        int width = count / peers.size();
        int from = peers.rank() * width;
        return Shards.of(count, from, from + width, own -> gather(peers, own));
    }

    private static double[][] gather(Peers peers, double[] own) {
        ByteBuffer sent = ByteBuffer.allocate(own.length * Double.BYTES);
        sent.asDoubleBuffer().put(own);
        ByteBuffer[] send = new ByteBuffer[peers.size()];
        ByteBuffer[] receive = new ByteBuffer[peers.size()];
        Arrays.setAll(send, rank -> sent.duplicate());
        Arrays.setAll(receive, rank -> ByteBuffer.allocate(sent.capacity()));
        peers.exchange(send, receive);
        double[][] all = new double[peers.size()][];
        for (int rank = 0; rank < all.length; rank++) {
            all[rank] = own;
            if (rank != peers.rank()) {
                all[rank] = new double[own.length];
                receive[rank].flip().asDoubleBuffer().get(all[rank]);
            }
        }
        return all;
    }
}
