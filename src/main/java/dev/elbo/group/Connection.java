package dev.elbo.group;

import dev.elbo.error.ElboException;
import dev.elbo.error.Interruption;
import dev.elbo.io.Messages;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** A connection to another member. One thread reads and another one writes; each waits only so long for the other side. */
final class Connection implements AutoCloseable {
    static final int HEADER = 2 * Long.BYTES;

    private final SocketChannel channel;
    private final Selector readable;
    private final Selector writable;
    private final ByteBuffer headerIn = ByteBuffer.allocateDirect(HEADER);
    private final ByteBuffer headerOut = ByteBuffer.allocateDirect(HEADER);
    private final ByteBuffer[] frame = {headerOut, null};
    /** Who the other side is, in messages. */
    private volatile String name;

    Connection(SocketChannel channel, String name) throws IOException {
        this.channel = channel;
        this.name = name;
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        readable = Selector.open();
        writable = Selector.open();
        channel.register(readable, SelectionKey.OP_READ);
        channel.register(writable, SelectionKey.OP_WRITE);
    }

    String name() {
        return name;
    }

    void name(String other) {
        name = other;
    }

    /** Writes a message. */
    void send(long sequence, ByteBuffer payload, Duration patience) {
        headerOut.clear().putLong(sequence).putLong(payload.remaining()).flip();
        frame[1] = payload;
        write(frame, patience);
    }

    /** Reads the message that is due. */
    void receive(long sequence, ByteBuffer payload, Duration patience) {
        headerIn.clear();
        read(headerIn, patience, false);
        long found = headerIn.flip().getLong();
        long length = headerIn.getLong();
        if (found != sequence || length != payload.remaining()) {
            throw ElboException.io(
                    name + " is out of step: it sent message " + found + " of " + length + " bytes, where message "
                            + sequence + " of " + payload.remaining()
                            + " is due; all members need the same program, data and options");
        }
        read(payload, patience, true);
    }

    /** Fills a buffer. */
    void read(ByteBuffer into, Duration patience) {
        read(into, patience, false);
    }

    private void read(ByteBuffer into, Duration patience, boolean begun) {
        try {
            boolean some = begun;
            long last = System.nanoTime();
            while (into.hasRemaining()) {
                int read = channel.read(into);
                if (read < 0) {
                    throw ElboException.io(
                            name + (some ? " is gone: its connection ended within a message" : " is gone")
                                    + "; look at its log");
                }
                if (read > 0) {
                    some = true;
                    last = System.nanoTime();
                } else {
                    await(readable, last, patience, "sent nothing");
                }
            }
        } catch (IOException | ClosedSelectorException e) {
            throw failed(e);
        }
    }

    void write(ByteBuffer[] from, Duration patience) {
        try {
            long last = System.nanoTime();
            while (from[from.length - 1].hasRemaining() || from[0].hasRemaining()) {
                if (channel.write(from) > 0) {
                    last = System.nanoTime();
                } else {
                    await(writable, last, patience, "took nothing");
                }
            }
        } catch (IOException | ClosedSelectorException e) {
            throw failed(e);
        }
    }

    private void await(Selector ready, long since, Duration patience, String what) throws IOException {
        long left = patience.toMillis() - (System.nanoTime() - since) / 1_000_000;
        if (left > 0) {
            ready.select(left);
            ready.selectedKeys().clear();
            Interruption.throwIfInterrupted("an exchange with the other members");
        } else {
            throw ElboException.io(name + " " + what + " for " + patience.toMillis() / 1e3
                    + " s; it is slow, or its machine is gone: look at its log, or allow more time");
        }
    }

    private ElboException failed(Exception e) {
        Interruption.throwIfInterrupted("an exchange with the other members");
        String why = e instanceof IOException io ? Messages.reason(io) : "the connection is closed";
        return ElboException.io(name + " is gone: " + why + "; look at its log", e);
    }

    @Override
    public void close() {
        for (AutoCloseable part : new AutoCloseable[] {channel, readable, writable}) {
            try {
                part.close();
            } catch (Exception e) {
                // what is gone needs no closing
            }
        }
    }
}
