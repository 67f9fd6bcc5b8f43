package dev.elbo.group;

import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.util.Objects;

/** The socket at which a member waits for others, open from before they know of it. */
public final class Listener implements AutoCloseable {
    private final ServerSocketChannel channel;
    private final String address;

    private Listener(ServerSocketChannel channel, String address) {
        this.channel = channel;
        this.address = address;
    }

    /**
     * {@return a socket on a free port}
     *
     * @param host name or address of this machine by which the others reach it
     * @throws ElboException io, if it is no address of this machine
     */
    public static Listener open(String host) {
        Objects.requireNonNull(host, "host");
        try {
            ServerSocketChannel channel = ServerSocketChannel.open();
            try {
                channel.bind(new InetSocketAddress(host, 0));
                int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
                return new Listener(channel, (host.contains(":") ? "[" + host + "]" : host) + ":" + port);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw ElboException.io(
                    host + ": cannot be listened at: " + Messages.reason(e) + "; give an address of this machine", e);
        } catch (UnresolvedAddressException e) {
            throw ElboException.io(host + ": is no known host; give an address of this machine", e);
        }
    }

    /** {@return where the others find it, "host:port", or "[host]:port" for an address with colons} */
    public String address() {
        return address;
    }

    ServerSocketChannel channel() {
        return channel;
    }

    /** Returns the address in a text as {@link #address} writes it. */
    static InetSocketAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1 || !text.substring(colon + 1).matches("\\d{1,5}")) {
            throw ElboException.usage(
                    "'" + Messages.line(text) + "' is no address of a member; it needs a host and a port, host:port");
        }
        String host = text.substring(0, colon).replaceAll("^\\[|]$", "");
        return new InetSocketAddress(host, Integer.parseInt(text.substring(colon + 1)));
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // what is gone needs no closing
        }
    }
}
