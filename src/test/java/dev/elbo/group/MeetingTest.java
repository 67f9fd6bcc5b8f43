package dev.elbo.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Only members of the same attempt get into a group, and strangers hold up nobody. */
@Timeout(60)
class MeetingTest {
    private static final Duration SHORT = Duration.ofSeconds(1);
    private static final byte[] NONCE = Groups.KEY.nonce();
    private static final byte[] SECRET = Groups.KEY.secret();

    private final List<AutoCloseable> open = new CopyOnWriteArrayList<>();
    private final Listener zero = keep(Listener.open("127.0.0.1"));
    private final Listener one = keep(Listener.open("127.0.0.1"));
    private final List<String> addresses = List.of(zero.address(), one.address());

    private <T extends AutoCloseable> T keep(T closed) {
        open.add(closed);
        return closed;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private CompletableFuture<Peers> join(Listener listener, int rank, GroupKey key, Duration patience) {
        return join(listener, addresses, rank, key, patience);
    }

    private CompletableFuture<Peers> join(
            Listener listener, List<String> all, int rank, GroupKey key, Duration patience) {
        return CompletableFuture.supplyAsync(
                () -> keep(TcpPeers.connect(listener, all, rank, key, patience)), command -> {
                    Thread thread = new Thread(command);
                    thread.setDaemon(true);
                    thread.start();
                });
    }

    private Socket socket(Listener to) throws IOException {
        String address = to.address();
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        return keep(new Socket(InetAddress.getByName("127.0.0.1"), port));
    }

    private static String late(CompletableFuture<Peers> member) {
        Throwable thrown = assertThrows(Exception.class, member::join).getCause();
        assertEquals(ElboException.Kind.IO, ((ElboException) thrown).kind());
        return thrown.getMessage();
    }

    private void refused(GroupKey key, String why) {
        CompletableFuture<Peers> here = join(zero, 0, Groups.KEY, SHORT);
        CompletableFuture<Peers> there = join(one, 1, key, SHORT);
        String message = late(here);
        assertTrue(message.startsWith("member 1 (" + one.address() + ") did not come within 1.0 s"), message);
        assertTrue(message.contains(why), message);
        assertTrue(late(there).startsWith("member 0 (" + zero.address() + ") did not come"));
    }

    @Test
    void anotherAttemptIsRefused() {
        refused(
                new GroupKey(GroupKey.random(GroupKey.NONCE_BYTES), SECRET),
                "it belongs to another run or an earlier attempt");
    }

    @Test
    void anotherSecretIsRefused() {
        CompletableFuture<Peers> here = join(zero, 0, Groups.KEY, SHORT);
        CompletableFuture<Peers> there =
                join(one, 1, new GroupKey(NONCE, GroupKey.random(GroupKey.SECRET_BYTES)), SHORT);
        assertTrue(late(there).contains("it has another secret"));
        late(here);
    }

    /** A side that knows the nonce but not the secret, and does not look at the proof that it is given. */
    @Test
    void whoCannotProveItselfIsRefused() throws IOException {
        CompletableFuture<Peers> here = join(zero, 0, Groups.KEY, SHORT);
        Socket stranger = socket(zero);
        stranger.getOutputStream()
                .write(ByteBuffer.allocate(48)
                        .put("elbogrp1".getBytes())
                        .put(NONCE)
                        .putInt(1)
                        .putInt(2)
                        .array());
        stranger.getInputStream().readNBytes(60);
        stranger.getOutputStream().write(new byte[32]);
        assertEquals(-1, stranger.getInputStream().read());
        assertTrue(late(here).contains("it has another secret"));
    }

    private void stranger(byte[] says, String why) throws IOException {
        CompletableFuture<Peers> here = join(zero, 0, Groups.KEY, SHORT);
        Socket socket = socket(zero);
        socket.getOutputStream().write(says);
        assertEquals(-1, socket.getInputStream().read());
        assertTrue(late(here).contains(why), why);
    }

    private static byte[] hello(int rank, int size) {
        return ByteBuffer.allocate(48)
                .put("elbogrp1".getBytes())
                .put(NONCE)
                .putInt(rank)
                .putInt(size)
                .array();
    }

    @Test
    void garbageIsRefused() throws IOException {
        stranger(new byte[100], "it does not speak as members of elbo do");
    }

    @Test
    void ranksThatThereAreNotAreRefused() throws IOException {
        stranger(hello(2, 2), "it says that it is member 2, which does not connect here");
    }

    @Test
    void aMemberDoesNotConnectToItself() throws IOException {
        stranger(hello(0, 2), "it says that it is member 0, which does not connect here");
    }

    @Test
    void anotherSizeIsRefused() throws IOException {
        stranger(hello(1, 3), "its group has 3 members, not 2");
    }

    @Test
    void halfAnIntroductionIsRefused() throws IOException {
        CompletableFuture<Peers> here = join(zero, 0, Groups.KEY, SHORT);
        try (Socket socket = socket(zero)) {
            socket.getOutputStream().write(hello(1, 2), 0, 30);
        }
        String message = late(here);
        assertTrue(message.contains("is gone: its connection ended within a message"), message);
    }

    @Test
    void whoSaysNothingHoldsUpNobody() throws IOException {
        CompletableFuture<Peers> here = join(zero, 0, Groups.KEY, Groups.PATIENCE);
        for (int i = 0; i < 5; i++) {
            socket(zero);
        }
        CompletableFuture<Peers> there = join(one, 1, Groups.KEY, Groups.PATIENCE);
        assertEquals(2, here.join().size());
        assertEquals(1, there.join().rank());
    }

    /** A third member does not come, so that the two that say they are the second both meet the first. */
    @Test
    void aSecondMemberOfARankIsRefused() {
        Listener again = keep(Listener.open("127.0.0.1"));
        List<String> three = List.of(zero.address(), one.address(), "127.0.0.1:1");
        CompletableFuture<Peers> here = join(zero, three, 0, Groups.KEY, SHORT);
        CompletableFuture<Peers> first = join(one, three, 1, Groups.KEY, SHORT);
        CompletableFuture<Peers> second = join(again, three, 1, Groups.KEY, SHORT);
        String message = late(here);
        assertTrue(message.startsWith("member 2 (127.0.0.1:1) did not come"), message);
        assertTrue(message.contains("there is a member 1 already"), message);
        late(first);
        late(second);
    }

    @Test
    void anAddressThatIsNoneIsRefused() {
        for (String address : List.of("nowhere", "host:", "host:x", ":1")) {
            ElboException refusal = assertThrows(ElboException.class, () -> Listener.parse(address));
            assertEquals(ElboException.Kind.USAGE, refusal.kind());
        }
        assertEquals(new InetSocketAddress("::1", 7), Listener.parse("[::1]:7"));
        ElboException unknown = assertThrows(ElboException.class, () -> Listener.open("no-such-host.invalid"));
        assertTrue(unknown.getMessage().startsWith("no-such-host.invalid: "), unknown.getMessage());
    }
}
