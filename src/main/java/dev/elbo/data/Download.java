package dev.elbo.data;

import dev.elbo.error.ElboException;
import dev.elbo.io.AtomicFile;
import dev.elbo.io.Disk;
import dev.elbo.io.Messages;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Files from a web server, bounded in size, each wait bounded in time.
 *
 * @param timeoutMillis the longest wait for the server's answer, and between any two pieces
 * @param mostBytes larger files are refused
 */
record Download(int timeoutMillis, long mostBytes, Progress progress) {
    private static final String HELP = "; or get the files by hand and use their folder as the data";

    /**
     * Saves a file under its final name once {@code check} has accepted it; after any failure nothing is left. Failures
     * of the network, the server and the disk are {@link ElboException}s of kind IO.
     */
    void save(String address, Path target, Consumer<Path> check) {
        HttpURLConnection connection = connect(address);
        try (InputStream in = body(address, connection)) {
            long total = connection.getContentLengthLong();
            if (total > mostBytes) {
                throw tooLarge(address);
            }
            AtomicFile.write(
                    Disk.REAL, target, out -> copy(address, in, total, out), saved -> refuse(address, check, saved));
        } catch (IOException e) {
            throw failed(address, e);
        } finally {
            connection.disconnect();
        }
    }

    /** Names the address: the temporary file that the message of {@code check} may name is deleted by then. */
    private static void refuse(String address, Consumer<Path> check, Path saved) {
        try {
            check.accept(saved);
        } catch (ElboException e) {
            throw ElboException.data(address + ": the downloaded file is refused: " + e.getMessage(), e);
        }
    }

    private HttpURLConnection connect(String address) {
        try {
            URL url = URI.create(address).toURL();
            if (!url.getProtocol().equals("https") && !url.getProtocol().equals("http")) {
                throw ElboException.usage(address + ": only http and https addresses can be downloaded");
            }
            URLConnection connection = url.openConnection();
            connection.setConnectTimeout(timeoutMillis);
            connection.setReadTimeout(timeoutMillis);
            connection.setRequestProperty("User-Agent", "elbo");
            return (HttpURLConnection) connection;
        } catch (IllegalArgumentException | IOException e) {
            throw ElboException.usage(Messages.quote(address) + ": is not a web address");
        }
    }

    private static InputStream body(String address, HttpURLConnection connection) throws IOException {
        int status = connection.getResponseCode();
        if (status != HttpURLConnection.HTTP_OK) {
            throw ElboException.io(address + ": the server answered " + status + HELP);
        }
        return connection.getInputStream();
    }

    private void copy(String address, InputStream in, long total, WritableByteChannel out) throws IOException {
        byte[] piece = new byte[1 << 16];
        long done = 0;
        for (int got = read(address, in, piece); got >= 0; got = read(address, in, piece)) {
            done += got;
            if (done > mostBytes) {
                throw tooLarge(address);
            }
            out.write(ByteBuffer.wrap(piece, 0, got));
            progress.at(address, done, total);
        }
        if (total >= 0 && done != total) {
            throw ElboException.io(
                    address + ": the connection ended after " + done + " of " + total + " bytes; try again" + HELP);
        }
    }

    /** Separate from writing, so that a network failure is not reported as a disk failure. */
    private static int read(String address, InputStream in, byte[] piece) {
        try {
            return in.read(piece);
        } catch (IOException e) {
            throw failed(address, e);
        }
    }

    private ElboException tooLarge(String address) {
        return ElboException.data(address + ": is larger than " + mostBytes + " bytes, so it is not the file wanted");
    }

    private static ElboException failed(String address, IOException e) {
        String reason = e instanceof UnknownHostException ? "the server's name is not known" : Messages.reason(e);
        return ElboException.io(
                address + ": download failed: " + reason + "; check the network and try again" + HELP, e);
    }
}
