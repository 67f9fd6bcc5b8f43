package dev.elbo.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A member that proves itself and then sends what no member sends is named. */
@Timeout(60)
class FramesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Returns how an exchange of 10 bytes ends on the first member, if the second one writes these bytes and leaves. */
    private static String end(byte[] bytes) throws Exception {
        try (Listener zero = Listener.open("127.0.0.1")) {
            List<String> addresses = List.of(zero.address(), "127.0.0.1:1");
            CompletableFuture<String> message = CompletableFuture.supplyAsync(() -> {
                try (Peers peers = TcpPeers.connect(zero, addresses, 0, Groups.KEY, PATIENCE)) {
                    ByteBuffer[] send = {null, ByteBuffer.allocate(10)};
                    ByteBuffer[] receive = {null, ByteBuffer.allocate(10)};
                    peers.exchange(send, receive);
                    return "received";
                }
            });
            try (Connection odd = new Connection(SocketChannel.open(Listener.parse(zero.address())), "member 0")) {
                new Handshake(Groups.KEY, 1, 2, PATIENCE).connecting(odd, 0);
                odd.write(new ByteBuffer[] {ByteBuffer.wrap(bytes)}, PATIENCE);
                // what was sent arrives before the end does
                odd.read(ByteBuffer.allocate(26), PATIENCE);
            } catch (ElboException e) {
                assertTrue(e.getMessage().startsWith("member 0 is gone"), e.getMessage());
            }
            try {
                return message.join();
            } catch (CompletionException e) {
                assertEquals(ElboException.Kind.IO, ((ElboException) e.getCause()).kind());
                return e.getCause().getMessage();
            }
        }
    }

    private static byte[] frame(long sequence, long length, int bytes) {
        return ByteBuffer.allocate(16 + bytes).putLong(sequence).putLong(length).array();
    }

    @Test
    void aWholeFrameIsReceived() throws Exception {
        assertEquals("received", end(frame(1, 10, 10)));
    }

    @Test
    void halfAFrameIsRefused() throws Exception {
        String within = "member 1 (127.0.0.1:1) is gone: its connection ended within a message; look at its log";
        assertEquals(within, end(frame(1, 10, 9)));
        assertEquals(within, end(frame(1, 10, 0)));
        assertEquals(within, end(new byte[7]));
        assertEquals("member 1 (127.0.0.1:1) is gone; look at its log", end(new byte[0]));
    }

    @Test
    void framesOutOfStepAreRefused() throws Exception {
        String late = end(frame(2, 10, 10));
        assertTrue(late.startsWith("member 1 (127.0.0.1:1) is out of step: it sent message 2 of 10 bytes"), late);
        String longer = end(frame(1, 11, 11));
        assertTrue(longer.contains("it sent message 1 of 11 bytes, where message 1 of 10 is due"), longer);
        String negative = end(frame(1, -1, 10));
        assertTrue(negative.contains("of -1 bytes"), negative);
    }

    @Test
    void aClosedConnectionReadsNothing() throws IOException {
        try (Listener zero = Listener.open("127.0.0.1")) {
            Connection closed = new Connection(SocketChannel.open(Listener.parse(zero.address())), "member 0");
            closed.close();
            assertThrows(ElboException.class, () -> closed.read(ByteBuffer.allocate(1), PATIENCE));
        }
    }
}
