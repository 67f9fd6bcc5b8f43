package dev.elbo.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.error.ElboException;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Parameters;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who gets a replica, who waits, and what ends the wait. */
@Timeout(60)
class ReplicasTest {
    private static final VaeSpec SPEC = VaeSpec.mlp(2, List.of(), 1, Activation.RELU, Likelihood.GAUSSIAN, true);

    private final CountDownLatch release = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();

    private static Replicas replicas(int count, Duration timeout) {
        List<Replica> all = new ArrayList<>();
        float[] weights = new float[(int) Parameters.layout(SPEC).size()];
        for (int i = 0; i < count; i++) {
            all.add(new Replica(Backends.open("reference"), SPEC, weights, 0, 2, 1, 0));
        }
        return new Replicas(all, timeout);
    }

    /** Longer than a clock in nanoseconds goes is for ever. */
    @Test
    void aTimeoutMayBeLongerThanAnyClock() throws InterruptedException {
        Duration longest = Duration.ofSeconds(Long.MAX_VALUE);
        VaeService.builder(Path.of("model")).timeout(longest);
        try (Replicas replicas = replicas(1, longest)) {
            hold(replicas);
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            CountDownLatch answered = new CountDownLatch(1);
            Thread waiting = start(() -> {
                try {
                    replicas.use(replica -> answered.countDown());
                } catch (Throwable e) {
                    thrown.set(e);
                }
            });
            while (waiting.isAlive() && waiting.getState() == Thread.State.RUNNABLE) {
                Thread.onSpinWait();
            }
            release.countDown();
            waiting.join();
            assertNull(thrown.get());
            assertEquals(0, answered.getCount());
        }
    }

    private Thread start(Runnable work) {
        Thread thread = new Thread(work);
        threads.add(thread);
        thread.start();
        return thread;
    }

    /** Holds a replica until {@link #release} is counted down. */
    private void hold(Replicas replicas) throws InterruptedException {
        CountDownLatch held = new CountDownLatch(1);
        start(() -> replicas.use(replica -> {
            held.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }));
        held.await();
    }

    private static void awaitWaiting(Thread thread) throws InterruptedException {
        while (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.TIMED_WAITING) {
            assertTrue(thread.isAlive(), "it ended without waiting");
            Thread.sleep(1);
        }
    }

    @AfterEach
    void letGo() throws InterruptedException {
        release.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Test
    void whoeverCameFirstIsServedFirst() throws Exception {
        try (Replicas replicas = replicas(1, null)) {
            hold(replicas);
            List<Integer> order = Collections.synchronizedList(new ArrayList<>());
            List<Thread> waiting = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                int number = i;
                Thread thread = start(() -> replicas.use(replica -> order.add(number)));
                awaitWaiting(thread);
                waiting.add(thread);
            }
            release.countDown();
            for (Thread thread : waiting) {
                thread.join();
            }
            assertEquals(List.of(0, 1, 2, 3, 4), order);
        }
    }

    @Test
    void twoReplicasServeTwoAtATime() throws Exception {
        try (Replicas replicas = replicas(2, Duration.ZERO)) {
            hold(replicas);
            AtomicReference<Replica> second = new AtomicReference<>();
            replicas.use(second::set);
            hold(replicas);
            ElboException busy = assertThrows(ElboException.class, () -> replicas.use(replica -> {}));
            assertEquals(ElboException.Kind.UNAVAILABLE, busy.kind());
            assertTrue(busy.getMessage().contains("all 2 are busy"), busy.getMessage());
            release.countDown();
        }
    }

    @Test
    void waitingEndsWithTheTimeout() throws Exception {
        try (Replicas replicas = replicas(1, Duration.ofMillis(20))) {
            hold(replicas);
            ElboException late = assertThrows(ElboException.class, () -> replicas.use(replica -> {}));
            assertTrue(late.getMessage().contains("within 20 ms"), late.getMessage());
            release.countDown();
        }
    }

    @Test
    void waitingEndsWithAnInterrupt() throws Exception {
        try (Replicas replicas = replicas(1, null)) {
            hold(replicas);
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            AtomicReference<Boolean> status = new AtomicReference<>();
            Thread waiting = start(() -> {
                try {
                    replicas.use(replica -> {});
                } catch (CancellationException e) {
                    thrown.set(e);
                    status.set(Thread.currentThread().isInterrupted());
                }
            });
            awaitWaiting(waiting);
            waiting.interrupt();
            waiting.join();
            assertInstanceOf(CancellationException.class, thrown.get());
            assertTrue(status.get(), "the interrupt status stays");
            release.countDown();
        }
    }

    @Test
    void closingWaitsForCallsUnderWayAndTurnsTheOthersAway() throws Exception {
        Replicas replicas = replicas(1, null);
        hold(replicas);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Runnable turnedAway = () -> {
            try {
                replicas.use(replica -> {});
            } catch (IllegalStateException e) {
                thrown.set(e);
            }
        };
        Thread before = start(turnedAway);
        awaitWaiting(before);
        Thread closing = start(replicas::close);
        awaitWaiting(closing);
        assertThrows(IllegalStateException.class, () -> replicas.use(replica -> {}));
        assertNull(thrown.get());
        Thread.sleep(20);
        assertTrue(closing.isAlive(), "a call is under way");
        release.countDown();
        closing.join();
        before.join();
        assertEquals("the service is closed", thrown.get().getMessage());
    }

    @Test
    void aLostDeviceLeavesTheOthersAtWork() {
        try (Replicas replicas = replicas(2, Duration.ofSeconds(30))) {
            AtomicReference<Replica> lost = new AtomicReference<>();
            ElboException first = ElboException.device("launch failed");
            assertSame(
                    first,
                    assertThrows(
                            ElboException.class,
                            () -> replicas.use(replica -> {
                                lost.set(replica);
                                throw first;
                            })));
            assertSame(first, replicas.failure());
            assertEquals(1, replicas.alive());
            for (int i = 0; i < 3; i++) {
                replicas.use(replica -> assertFalse(replica == lost.get()));
            }
            assertThrows(
                    ElboException.class,
                    () -> replicas.use(replica -> {
                        throw ElboException.device("launch failed again");
                    }));
            for (int i = 0; i < 3; i++) {
                ElboException none = assertThrows(ElboException.class, () -> replicas.use(replica -> {}));
                assertEquals(ElboException.Kind.DEVICE, none.kind());
                assertTrue(none.getMessage().contains("launch failed;"), none.getMessage());
            }
        }
    }

    @Test
    void aDeviceLostWhileClosingDoesNotHoldItUp() throws Exception {
        Replicas replicas = replicas(2, null);
        CountDownLatch held = new CountDownLatch(1);
        Thread failing = start(() -> assertThrows(
                ElboException.class,
                () -> replicas.use(replica -> {
                    held.countDown();
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                    throw ElboException.device("launch failed");
                })));
        held.await();
        Thread closing = start(replicas::close);
        awaitWaiting(closing);
        release.countDown();
        closing.join();
        failing.join();
    }

    @Test
    void otherErrorsGiveTheReplicaBack() {
        try (Replicas replicas = replicas(1, Duration.ZERO)) {
            assertThrows(
                    ElboException.class,
                    () -> replicas.use(replica -> {
                        throw ElboException.numeric("not finite");
                    }));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> replicas.use(replica -> {
                        throw new IllegalArgumentException("odd");
                    }));
            replicas.use(replica -> {});
            assertNull(replicas.failure());
        }
    }
}
