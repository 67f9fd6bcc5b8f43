package dev.elbo.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.elbo.error.ElboException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What every reader owes to bytes that somebody else made: it returns, or refuses them with its own error in one short line,
 * within a second of work and with memory in proportion to their number. Anything else is an AssertionError: a finding.
 */
public final class Hostile {
    /** Memory that a reader may take whatever it reads, in bytes. */
    private static final long BASE = 16 << 20;

    private static final Duration WORK = Duration.ofSeconds(1);
    private static final Duration HANG = Duration.ofSeconds(10);
    /** A limit is broken only where it is in each of so many runs: the first ones also load classes. */
    private static final int TRIES = 3;

    private static final int MAX_MESSAGE_LENGTH = 2000;

    /** Of memory: while a fuzzer looks for inputs, what it watches the reader with allocates too, thousands of bytes a number. */
    private static final int HOOKS = System.getenv("JAZZER_FUZZ") == null ? 1 : 4;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static Worker worker;
    private static Path folder;

    private Hostile() {}

    /**
     * Gives a reader a file, whose error must be an {@link ElboException} of kind DATA that begins with the file's name.
     *
     * @param perByte bytes of memory that each byte of the file may cost, above 16 MiB for all
     * @return what was read, empty where it was refused
     */
    public static <T> Optional<T> file(byte[] content, long perByte, Function<Path, T> reader) {
        Path file = file("hostile", content);
        return read(content.length, perByte, file.toString(), () -> reader.apply(file));
    }

    /**
     * Calls a reader, whose error must be an {@link ElboException} of kind DATA.
     *
     * @param length of what is read, in bytes
     * @param begins what its message begins with
     */
    public static <T> Optional<T> read(int length, long perByte, String begins, Supplier<T> reader) {
        return measured(length, perByte, reader, refusal -> {
            if (!(refusal instanceof ElboException typed) || typed.kind() != ElboException.Kind.DATA) {
                throw new AssertionError("not an error of kind DATA, but " + refusal, refusal);
            }
            checkMessage(refusal.getMessage());
            assertTrue(refusal.getMessage().startsWith(begins), refusal.getMessage());
        });
    }

    /** As {@link #read}, of a reader whose error is the IllegalArgumentException, and none of its kin. */
    public static <T> Optional<T> argument(int length, long perByte, Supplier<T> reader) {
        return measured(length, perByte, reader, refusal -> {
            if (refusal.getClass() != IllegalArgumentException.class) {
                throw new AssertionError("not an IllegalArgumentException, but " + refusal, refusal);
            }
        });
    }

    /** Writes a file beside the hostile one. */
    public static Path file(String name, byte[] content) {
        try {
            return Files.write(folder().resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A folder of this process that goes with it. */
    public static synchronized Path folder() {
        if (folder == null) {
            try {
                Path made = Files.createTempDirectory("hostile");
                Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    for (String name : made.toFile().list()) {
                        made.resolve(name).toFile().delete();
                    }
                    made.toFile().delete();
                }));
                folder = made;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return folder;
    }

    private interface Contract {
        void check(RuntimeException refusal);
    }

    /** What became of one reading and what it took. */
    record Outcome<T>(T result, Throwable thrown, long bytes, long nanos) {
        static <T> Outcome<T> of(Supplier<T> reader) {
            long bytes = THREADS.getCurrentThreadAllocatedBytes();
            long nanos = THREADS.getCurrentThreadCpuTime();
            T result = null;
            Throwable thrown = null;
            try {
                result = reader.get();
            } catch (Throwable e) {
                thrown = e;
            }
            return new Outcome<>(
                    result,
                    thrown,
                    THREADS.getCurrentThreadAllocatedBytes() - bytes,
                    THREADS.getCurrentThreadCpuTime() - nanos);
        }
    }

    private static synchronized <T> Optional<T> measured(
            int length, long perByte, Supplier<T> reader, Contract contract) {
        long most = (BASE + perByte * length) * HOOKS;
        Outcome<T> outcome = inTime(HANG, reader);
        for (int i = 1; i < TRIES && (outcome.bytes() > most || outcome.nanos() > WORK.toNanos()); i++) {
            close(outcome.result());
            outcome = inTime(HANG, reader);
        }
        if (outcome.thrown() != null && !(outcome.thrown() instanceof RuntimeException)) {
            throw new AssertionError("neither read nor refused, but " + outcome.thrown(), outcome.thrown());
        }
        if (outcome.thrown() instanceof RuntimeException refusal) {
            contract.check(refusal);
        }
        if (outcome.bytes() > most) {
            throw new AssertionError(length + " bytes took " + outcome.bytes() + " bytes of memory, more than " + most);
        }
        if (outcome.nanos() > WORK.toNanos()) {
            throw new AssertionError(length + " bytes took " + outcome.nanos() / 1_000_000 + " ms of work");
        }
        return Optional.ofNullable(outcome.result());
    }

    private static void close(Object result) {
        if (result instanceof AutoCloseable resource) {
            try {
                resource.close();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }

    private static void checkMessage(String message) {
        assertTrue(message != null && !message.isBlank(), "a refusal that says nothing");
        assertTrue(message.length() <= MAX_MESSAGE_LENGTH, () -> "a message of " + message.length() + " characters");
        assertEquals(
                0,
                message.chars()
                        .filter(c -> Character.isISOControl(c) || c == '\u2028' || c == '\u2029')
                        .count(),
                () -> "a message of more than one printable line: " + message);
    }

    /** Another thread reads, so that one that hangs is left to itself. */
    static synchronized <T> Outcome<T> inTime(Duration hang, Supplier<T> reader) {
        if (worker == null) {
            worker = new Worker();
        }
        FutureTask<Outcome<T>> task = new FutureTask<>(() -> Outcome.of(reader));
        try {
            worker.tasks.put(task);
            return task.get(hang.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            AssertionError stuck = new AssertionError("still reading after " + hang.toMillis() + " ms");
            stuck.setStackTrace(worker.getStackTrace());
            worker = null;
            throw stuck;
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    private static final class Worker extends Thread {
        private final SynchronousQueue<FutureTask<?>> tasks = new SynchronousQueue<>();

        Worker() {
            super("hostile");
            setDaemon(true);
            start();
        }

        @Override
        public void run() {
            try {
                while (true) {
                    tasks.take().run();
                }
            } catch (InterruptedException e) {
                // the process ends
            }
        }
    }
}
