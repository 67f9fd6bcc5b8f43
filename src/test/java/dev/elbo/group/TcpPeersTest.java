package dev.elbo.group;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Members exchange bytes, and each fault of one is named by the others. */
@Timeout(60)
class TcpPeersTest {
    private static final Duration SHORT = Duration.ofSeconds(1);

    private static ByteBuffer[] buffers(Peers peers, int bytes, int value) {
        return Stream.generate(() -> {
                    byte[] all = new byte[bytes];
                    Arrays.fill(all, (byte) value);
                    return ByteBuffer.wrap(all);
                })
                .limit(peers.size())
                .toArray(ByteBuffer[]::new);
    }

    private static ByteBuffer[] exchange(Peers peers, int bytes) {
        ByteBuffer[] receive = buffers(peers, bytes, -1);
        peers.exchange(buffers(peers, bytes, peers.rank()), receive);
        return receive;
    }

    private static ElboException failure(CompletableFuture<?> member, String... words) {
        CompletionException thrown = assertThrows(CompletionException.class, member::join);
        ElboException cause = assertInstanceOf(ElboException.class, thrown.getCause(), String.valueOf(thrown));
        assertEquals(ElboException.Kind.IO, cause.kind());
        for (String word : words) {
            assertTrue(cause.getMessage().contains(word), cause.getMessage() + " lacks: " + word);
        }
        assertFalse(cause.getMessage().contains("\n"), cause.getMessage());
        return cause;
    }

    @ParameterizedTest
    @CsvSource({"1, 5", "2, 0", "3, 1", "4, 8000000", "8, 100000"})
    void allGetWhatTheOthersSend(int members, int bytes) {
        List<Peers.Traffic> traffic = Groups.together(members, peers -> {
            for (int again = 0; again < 3; again++) {
                ByteBuffer[] got = exchange(peers, bytes);
                for (int rank = 0; rank < members; rank++) {
                    byte[] expected = new byte[bytes];
                    Arrays.fill(expected, (byte) (rank == peers.rank() ? -1 : rank));
                    assertArrayEquals(expected, got[rank].array());
                    assertEquals(rank == peers.rank() ? bytes : 0, got[rank].remaining());
                }
            }
            return peers.traffic();
        });
        traffic.forEach(each -> assertEquals(3L * (members - 1) * 2 * (bytes + 16), each.bytes()));
    }

    @Test
    void sizesMayDiffer() {
        List<ByteBuffer[]> received = Groups.together(3, peers -> {
            ByteBuffer[] send = buffers(peers, peers.rank() * 100, peers.rank());
            ByteBuffer[] receive = new ByteBuffer[3];
            Arrays.setAll(receive, rank -> ByteBuffer.allocate(rank * 100));
            peers.exchange(send, receive);
            return receive;
        });
        for (int rank = 0; rank < 3; rank++) {
            for (int other = 0; other < 3; other++) {
                byte[] expected = new byte[other * 100];
                Arrays.fill(expected, (byte) (other == rank ? 0 : other));
                assertArrayEquals(expected, received.get(rank)[other].array());
            }
        }
    }

    @Test
    void aDeadMemberIsNamedByAll() {
        List<CompletableFuture<Object>> all = Groups.start(3, Groups.PATIENCE, peers -> {
            exchange(peers, 10);
            if (peers.rank() == 1) {
                return null;
            }
            return exchange(peers, 10);
        });
        all.get(1).join();
        // who comes second may find the first to have left already, because of the same failure
        String zero = failure(all.get(0), "is gone", "look at its log").getMessage();
        String two = failure(all.get(2), "is gone").getMessage();
        assertTrue(zero.contains("member 1 (127.0.0.1:") || two.contains("member 1 (127.0.0.1:"), zero + two);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 50_000_000})
    void aSlowMemberIsNamedInTime(int bytes) {
        CountDownLatch end = new CountDownLatch(1);
        List<CompletableFuture<Object>> all = Groups.start(2, SHORT, peers -> {
            if (peers.rank() == 1) {
                end.await();
            }
            return exchange(peers, bytes);
        });
        ElboException late = failure(all.get(0), "member 1 (127.0.0.1:", "for 1.0 s; it is slow");
        assertTrue(late.getMessage().matches(".*(sent|took) nothing.*"), late.getMessage());
        end.countDown();
        if (bytes > 1000) {
            // of a few bytes it finds all that were sent, and the group over only later
            failure(all.get(1), "member 0", "is gone");
        }
    }

    @Test
    void membersThatAreOutOfStepAreRefused() {
        List<CompletableFuture<Object>> lengths =
                Groups.start(2, Groups.PATIENCE, peers -> exchange(peers, 10 + peers.rank()));
        // the other one may find only that the first to see it has left
        String both = failure(lengths.get(0), "member 1").getMessage()
                + failure(lengths.get(1), "member 0").getMessage();
        assertTrue(both.contains("out of step: it sent message 1 of 1"), both);
    }

    @Test
    void afterAFailureTheGroupIsOver() {
        List<CompletableFuture<Object>> all = Groups.start(2, Groups.PATIENCE, peers -> {
            if (peers.rank() == 1) {
                return null;
            }
            assertThrows(ElboException.class, () -> exchange(peers, 10));
            String again = assertThrows(IllegalStateException.class, () -> exchange(peers, 10))
                    .getMessage();
            assertTrue(again.startsWith("the group is over: member 1"), again);
            peers.close();
            return null;
        });
        Groups.all(all);
    }

    @Test
    void anInterruptEndsAWait() throws InterruptedException {
        CountDownLatch end = new CountDownLatch(1);
        CompletableFuture<Thread> waiting = new CompletableFuture<>();
        List<CompletableFuture<Object>> all = Groups.start(2, Groups.PATIENCE, peers -> {
            if (peers.rank() == 1) {
                end.await();
                return null;
            }
            waiting.complete(Thread.currentThread());
            try {
                return exchange(peers, 10);
            } finally {
                assertTrue(Thread.currentThread().isInterrupted());
            }
        });
        Thread thread = waiting.join();
        Thread.sleep(50);
        thread.interrupt();
        assertThrows(CancellationException.class, all.get(0)::join);
        end.countDown();
        all.get(1).join();
    }
}
