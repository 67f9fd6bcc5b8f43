package dev.elbo.group;

import java.nio.ByteBuffer;

/**
 * The members of a group, as one of them sees them. All members call the same methods in the same order, each on one thread at a
 * time.
 */
public interface Peers extends AutoCloseable {
    /**
     * What a member has exchanged so far.
     *
     * @param bytes sent and received, framing included
     * @param seconds spent in {@link #exchange}, waiting included
     */
    record Traffic(long bytes, double seconds) {}

    /** {@return the number of this member, from 0} */
    int rank();

    /** {@return the number of members} */
    int size();

    /**
     * Sends bytes to every other member and receives some from each. Positions move to the limits. When it returns all is received,
     * and what was sent may be used again.
     *
     * @param send what remains in entry r goes to member r; the entry of this member is not looked at
     * @param receive what remains in entry r is filled by member r, which sends as many bytes; likewise
     * @throws dev.elbo.error.ElboException io, naming the member that is gone, too slow or out of step; the group is over then
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; the group is over then
     */
    void exchange(ByteBuffer[] send, ByteBuffer[] receive);

    /** {@return what was exchanged so far} */
    Traffic traffic();

    /** Leaves the group; the others find this member gone. */
    @Override
    void close();

    /** {@return a group of one member} */
    static Peers alone() {
        return Alone.MEMBER;
    }
}
