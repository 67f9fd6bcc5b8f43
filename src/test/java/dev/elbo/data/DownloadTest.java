package dev.elbo.data;

import static dev.elbo.io.Failures.fails;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Servers that misbehave on the wire: each answers one request with fixed bytes. */
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DownloadTest {
    @TempDir
    Path folder;

    private final CountDownLatch done = new CountDownLatch(1);
    private ServerSocket server;

    /** Answers with {@code head} and a body of {@code bytes} zeros, then closes, or stalls until the test ends. */
    private String serve(String head, int bytes, boolean stall) throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(() -> {
            try (Socket socket = server.accept()) {
                byte[] request = new byte[4096];
                int got = socket.getInputStream().read(request);
                OutputStream out = socket.getOutputStream();
                out.write((head + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII), 0, got > 0 ? head.length() + 4 : 0);
                out.write(new byte[bytes]);
                out.flush();
                if (stall) {
                    done.await();
                }
            } catch (IOException | InterruptedException e) {
                // The client hung up, which is what most of these tests are about.
            }
        });
        thread.setDaemon(true);
        thread.start();
        return "http://127.0.0.1:" + server.getLocalPort() + "/file";
    }

    @AfterEach
    void close() throws IOException {
        done.countDown();
        if (server != null) {
            server.close();
        }
    }

    private void save(String address) {
        new Download(300, 1000, Progress.NONE).save(address, folder.resolve("file"), saved -> {});
    }

    private void assertNothingLeft() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void aBodyWithoutLengthIsSaved() throws IOException {
        save(serve("HTTP/1.1 200 OK\r\nConnection: close", 1000, false));
        assertArrayEquals(new byte[1000], Files.readAllBytes(folder.resolve("file")));
    }

    @Test
    void aServerThatStallsIsGivenUp() throws IOException {
        String address = serve("HTTP/1.1 200 OK\r\nContent-Length: 900", 500, true);
        fails(Kind.IO, () -> save(address), address, "timed out", "use their folder as the data");
        assertNothingLeft();
    }

    @Test
    void aServerThatNeverAnswersIsGivenUp() throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        String address = "http://127.0.0.1:" + server.getLocalPort() + "/file";
        fails(Kind.IO, () -> save(address), address, "timed out");
        assertNothingLeft();
    }

    @Test
    void aConnectionThatBreaksIsNotAFile() throws IOException {
        String address = serve("HTTP/1.1 200 OK\r\nContent-Length: 900", 500, false);
        fails(Kind.IO, () -> save(address), address);
        assertNothingLeft();
    }

    @Test
    void tooMuchIsRefusedWhetherAnnouncedOrNot() throws IOException {
        String announced = serve("HTTP/1.1 200 OK\r\nContent-Length: 1001", 1001, false);
        fails(Kind.DATA, () -> save(announced), announced, "larger than 1000 bytes");
        server.close();
        String silent = serve("HTTP/1.1 200 OK\r\nConnection: close", 100_000, false);
        fails(Kind.DATA, () -> save(silent), silent, "larger than 1000 bytes");
        assertNothingLeft();
    }

    @Test
    void namesThatDoNotResolveAreSaid() throws IOException {
        fails(
                Kind.IO,
                () -> save("http://no-such-host.invalid/file"),
                "no-such-host.invalid",
                "use their folder as the data");
        assertNothingLeft();
    }

    @Test
    void aDiskThatFailsIsNotReportedAsANetworkThatFails() throws IOException {
        String address = serve("HTTP/1.1 200 OK\r\nContent-Length: 10", 10, false);
        Path target = folder.resolve("none/file");
        var failure = fails(
                Kind.IO, () -> new Download(300, 1000, Progress.NONE).save(address, target, saved -> {}), "none/file");
        assertTrue(!failure.getMessage().contains("network"));
    }
}
