package dev.elbo.group;

import dev.elbo.error.ElboException;
import dev.elbo.error.Interruption;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The members of a group that are connected by TCP, each with each. Every connection begins with proofs on both sides, so that only
 * processes with the same {@link GroupKey} get in, and each only once. What comes later is neither encrypted nor authenticated: who can
 * change packets on the network can change the result, and who can read them can read weights.
 */
public final class TcpPeers implements Peers {
    private final Connection[] connections;
    private final int rank;
    private final Duration patience;
    private final ExecutorService writer;
    private long sequence;
    private long bytes;
    private long nanos;
    private volatile RuntimeException failure;

    private TcpPeers(Connection[] connections, int rank, Duration patience) {
        this.connections = connections;
        this.rank = rank;
        this.patience = patience;
        writer = Executors.newSingleThreadExecutor(work -> {
            Thread thread = new Thread(work, "elbo-group-writer");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * {@return a group, once all members have come} Whoever else connects is refused with a warning, and the members go on waiting.
     *
     * @param listener of this member; closed when all are there, or have not come
     * @param addresses of the listeners of all members, in the order of their ranks
     * @param rank of this member
     * @param key the same for all members
     * @param patience how long members wait for each other now, and later for a member that sends or takes nothing
     * @throws ElboException io, if some do not come in time, naming them and who was refused; usage, for what is no address
     * @throws CancellationException if the thread is interrupted
     */
    public static TcpPeers connect(
            Listener listener, List<String> addresses, int rank, GroupKey key, Duration patience) {
        Objects.requireNonNull(listener, "listener");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(patience, "patience");
        Objects.checkIndex(rank, addresses.size());
        try (Meeting meeting = new Meeting(listener, List.copyOf(addresses), rank, key, patience)) {
            return new TcpPeers(meeting.meet(), rank, patience);
        }
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int size() {
        return connections.length;
    }

    @Override
    public void exchange(ByteBuffer[] send, ByteBuffer[] receive) {
        if (failure != null) {
            throw new IllegalStateException("the group is over: " + failure.getMessage(), failure);
        }
        long start = System.nanoTime();
        long number = ++sequence;
        for (int other = 0; other < connections.length; other++) {
            bytes += other == rank ? 0 : send[other].remaining() + receive[other].remaining() + 2L * Connection.HEADER;
        }
        // in round d to the d-th behind this one, and from the d-th before: each waits for one that is not behind it
        Future<?> written = writer.submit(() -> {
            for (int d = 1; d < connections.length; d++) {
                int to = (rank + d) % connections.length;
                guarded(() -> connections[to].send(number, send[to], patience));
            }
        });
        for (int d = 1; d < connections.length; d++) {
            int from = (rank - d + connections.length) % connections.length;
            guarded(() -> connections[from].receive(number, receive[from], patience));
        }
        guarded(() -> await(written));
        nanos += System.nanoTime() - start;
    }

    private static void await(Future<?> written) {
        try {
            written.get();
        } catch (InterruptedException e) {
            throw Interruption.stopped("an exchange with the other members", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
        }
    }

    /** Does some work; after a failure all connections are closed, so that the others notice, and the first one is thrown. */
    private void guarded(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException thrown) {
            synchronized (this) {
                if (failure == null) {
                    failure = thrown;
                }
            }
            close();
            throw failure;
        }
    }

    @Override
    public Traffic traffic() {
        return new Traffic(bytes, nanos * 1e-9);
    }

    @Override
    public void close() {
        synchronized (this) {
            if (failure == null) {
                failure = new IllegalStateException("it was closed");
            }
        }
        for (Connection connection : connections) {
            if (connection != null) {
                connection.close();
            }
        }
        writer.shutdownNow();
    }
}
