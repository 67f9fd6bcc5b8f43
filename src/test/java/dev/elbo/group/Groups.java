package dev.elbo.group;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

/** Groups over loopback, whose members are threads of the test. */
public final class Groups {
    static final Duration PATIENCE = Duration.ofSeconds(20);
    static final GroupKey KEY =
            new GroupKey(GroupKey.random(GroupKey.NONCE_BYTES), GroupKey.random(GroupKey.SECRET_BYTES));

    private Groups() {}

    /** What a member does. */
    public interface Work<T> {
        T run(Peers peers) throws Exception;
    }

    /** Returns what the members have made of their work, in the order of their ranks; throws what the first has thrown. */
    public static <T> List<T> together(int members, Work<T> work) {
        return all(start(members, PATIENCE, work));
    }

    /** Starts the members, and returns at once. */
    static <T> List<CompletableFuture<T>> start(int members, Duration patience, Work<T> work) {
        ExecutorService threads = Executors.newFixedThreadPool(members);
        List<Listener> listeners = IntStream.range(0, members)
                .mapToObj(i -> Listener.open("127.0.0.1"))
                .toList();
        List<String> addresses = listeners.stream().map(Listener::address).toList();
        List<CompletableFuture<T>> all = new ArrayList<>();
        for (int i = 0; i < members; i++) {
            int rank = i;
            CompletableFuture<T> result = new CompletableFuture<>();
            threads.execute(() -> {
                try (Peers peers = TcpPeers.connect(listeners.get(rank), addresses, rank, KEY, patience)) {
                    result.complete(work.run(peers));
                } catch (Throwable e) {
                    result.completeExceptionally(e);
                }
            });
            all.add(result);
        }
        threads.shutdown();
        return all;
    }

    static <T> List<T> all(List<CompletableFuture<T>> members) {
        return members.stream().map(CompletableFuture::join).toList();
    }
}
