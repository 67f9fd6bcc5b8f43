package dev.elbo.group;

import dev.elbo.error.ElboException;
import dev.elbo.error.Interruption;
import dev.elbo.io.Messages;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The beginning of a group, in which every two members connect: the one of the higher rank to the other. Whoever else connects is
 * refused, and holds up nobody.
 */
final class Meeting implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Meeting.class.getName());
    /** Connections that may introduce themselves at the same time. */
    private static final int WAITING = 64;

    private static final int MAX_HANDSHAKE_MILLIS = 10_000;
    private static final int AGAIN_MILLIS = 50;
    private static final int LISTED = 3;

    private final Listener listener;
    private final List<String> addresses;
    private final int rank;
    private final Duration patience;
    private final Handshake handshake;
    private final Connection[] connections;
    private final List<String> refused = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private boolean closed;

    Meeting(Listener listener, List<String> addresses, int rank, GroupKey key, Duration patience) {
        this.listener = listener;
        this.addresses = addresses;
        this.rank = rank;
        this.patience = patience;
        int size = addresses.size();
        this.handshake =
                new Handshake(key, rank, size, Duration.ofMillis(Math.min(patience.toMillis(), MAX_HANDSHAKE_MILLIS)));
        this.connections = new Connection[size];
    }

    /** Returns a connection to each other member, once all are there. */
    Connection[] meet() {
        List<InetSocketAddress> places = addresses.stream().map(Listener::parse).toList();
        if (rank < addresses.size() - 1) {
            start("accept", this::accept);
        }
        for (int other = 0; other < rank; other++) {
            int accepting = other;
            start("connect", () -> connect(places.get(accepting), accepting));
        }
        long end = System.nanoTime() + patience.toNanos();
        synchronized (this) {
            try {
                while (!missing().isEmpty()) {
                    long left = (end - System.nanoTime()) / 1_000_000;
                    if (left <= 0) {
                        throw late();
                    }
                    wait(left);
                }
            } catch (InterruptedException e) {
                throw Interruption.stopped("the meeting of the members", e);
            }
            closed = true;
            return connections.clone();
        }
    }

    private List<Integer> missing() {
        return IntStream.range(0, connections.length)
                .filter(other -> other != rank && connections[other] == null)
                .boxed()
                .toList();
    }

    private ElboException late() {
        String names = missing().stream().limit(LISTED).map(this::name).collect(Collectors.joining(", "));
        int more = missing().size() - LISTED;
        return ElboException.io(names + (more > 0 ? " and " + more + " more" : "") + " did not come within "
                + patience.toMillis() / 1e3 + " s"
                + (refused.isEmpty() ? "" : " (" + String.join("; ", refused) + ")")
                + "; look at their logs, and whether their machines reach each other, or allow more time");
    }

    private String name(int other) {
        return "member " + other + " (" + Messages.line(addresses.get(other)) + ")";
    }

    private void start(String what, Runnable work) {
        Thread thread = new Thread(work, "elbo-group-" + what);
        thread.setDaemon(true);
        synchronized (this) {
            if (closed) {
                return;
            }
            threads.add(thread);
        }
        thread.start();
    }

    private void accept() {
        Semaphore places = new Semaphore(WAITING);
        while (!over()) {
            try {
                SocketChannel channel = listener.channel().accept();
                String from = Messages.line(String.valueOf(channel.getRemoteAddress()));
                if (!places.tryAcquire()) {
                    refuse(from, "too many connect at the same time");
                    channel.close();
                    continue;
                }
                start("introduce", () -> {
                    introduce(channel, from);
                    places.release();
                });
            } catch (IOException e) {
                // closed at the end of the meeting
                return;
            }
        }
    }

    private void introduce(SocketChannel channel, String from) {
        try {
            Connection connection = new Connection(channel, from);
            try {
                int other = handshake.accepting(connection);
                connection.name(name(other));
                if (!enter(other, connection)) {
                    refuse(from, "there is a member " + other + " already");
                    connection.close();
                }
            } catch (Handshake.Refused | RuntimeException e) {
                connection.close();
                refuse(from, e.getMessage());
            }
        } catch (IOException e) {
            refuse(from, Messages.reason(e));
        }
    }

    /** Takes a member in and tells it; returns whether its place was free. */
    private synchronized boolean enter(int other, Connection connection) {
        if (closed || connections[other] != null) {
            return false;
        }
        handshake.welcome(connection);
        connections[other] = connection;
        notifyAll();
        return true;
    }

    private void connect(InetSocketAddress place, int accepting) {
        while (!over()) {
            try {
                // closed with the connection
                SocketChannel channel = SocketChannel.open(place);
                Connection connection = new Connection(channel, name(accepting));
                try {
                    handshake.connecting(connection, accepting);
                    synchronized (this) {
                        if (!closed) {
                            connections[accepting] = connection;
                            notifyAll();
                            return;
                        }
                    }
                    connection.close();
                    return;
                } catch (Handshake.Refused | RuntimeException e) {
                    connection.close();
                    refuse(name(accepting), e.getMessage());
                }
            } catch (IOException e) {
                refuse(name(accepting), Messages.reason(e));
            } catch (UnresolvedAddressException e) {
                refuse(name(accepting), "is no known host");
            }
            if (!pause()) {
                return;
            }
        }
    }

    private boolean pause() {
        try {
            Thread.sleep(AGAIN_MILLIS);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    private synchronized boolean over() {
        return closed;
    }

    /** Notes why somebody was refused, once; they may try again and again. */
    private synchronized void refuse(String who, String why) {
        String line = who + ": " + Messages.line(String.valueOf(why));
        if (!closed && !refused.contains(line) && refused.size() < LISTED) {
            refused.add(line);
            LOG.log(System.Logger.Level.WARNING, "refused {0}", line);
        }
    }

    /** Ends the meeting: nobody can come any more. Connections that {@link #meet} has returned stay. */
    @Override
    public void close() {
        boolean met;
        synchronized (this) {
            met = closed;
            closed = true;
            threads.forEach(Thread::interrupt);
        }
        listener.close();
        for (Connection connection : connections) {
            if (!met && connection != null) {
                connection.close();
            }
        }
    }
}
