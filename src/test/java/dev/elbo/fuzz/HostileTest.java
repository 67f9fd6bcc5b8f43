package dev.elbo.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.elbo.error.ElboException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the fuzzers hold readers to does catch the faults that readers have; and every fuzzer is replayed. */
class HostileTest {
    private static final byte[] GOOD = {0, 0, 0, 3, 7, 8, 9};
    private static final byte[] TRUNCATED = {0, 0, 0, 9, 1};
    private static final byte[] EMPTY = {};
    private static final byte[] HUGE = {127, -1, -1, -1, 1};
    private static final byte[] NEGATIVE = {-1, -1, -1, -1};
    private static final byte[] LARGE = {4, 0, 0, 0, 1};

    private static ElboException bad(Path file, String what) {
        return ElboException.data(file + ": " + what);
    }

    /** A list of bytes behind its length, read as it should be. */
    private static byte[] careful(Path file) {
        ByteBuffer bytes = content(file);
        if (bytes.remaining() < 4 || bytes.getInt(0) != bytes.remaining() - 4) {
            throw bad(file, "not as long as it declares");
        }
        byte[] values = new byte[bytes.getInt()];
        bytes.get(values);
        return values;
    }

    /** The same without a look at the size: every field of the header is believed. */
    private static byte[] believing(Path file) {
        ByteBuffer bytes = content(file);
        byte[] values = new byte[bytes.getInt()];
        bytes.get(values, 0, Math.min(values.length, bytes.remaining()));
        return values;
    }

    private static ByteBuffer content(Path file) {
        try {
            return ByteBuffer.wrap(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aCarefulReaderIsLeftInPeace() {
        assertEquals(Optional.of(3), Hostile.file(GOOD, 4, HostileTest::careful).map(values -> values.length));
        for (byte[] hostile : List.of(TRUNCATED, EMPTY, HUGE, NEGATIVE, LARGE)) {
            assertEquals(Optional.empty(), Hostile.file(hostile, 4, HostileTest::careful));
        }
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                fault(EMPTY, "BufferUnderflowException", HostileTest::believing),
                fault(NEGATIVE, "NegativeArraySizeException", HostileTest::believing),
                fault(HUGE, "OutOfMemoryError", HostileTest::believing),
                fault(LARGE, "5 bytes took 67", HostileTest::believing),
                fault(GOOD, "StackOverflowError", HostileTest::nested),
                fault(GOOD, "ms of work", HostileTest::slow),
                fault(GOOD, "kind DATA", file -> {
                    throw ElboException.io(file + ": wrong kind");
                }),
                fault(GOOD, "kind DATA", file -> {
                    throw new IllegalArgumentException(file + ": wrong class");
                }),
                fault(GOOD, "no file is named", file -> {
                    throw ElboException.data("no file is named");
                }),
                fault(GOOD, "printable", file -> {
                    throw bad(file, "two\nlines");
                }),
                fault(GOOD, "a message of", file -> {
                    throw bad(file, "long ".repeat(1000));
                }));
    }

    private static Arguments fault(byte[] content, String told, Function<Path, Object> reader) {
        return Arguments.of(content, told, reader);
    }

    private static int nested(Path file) {
        return nested(file) + 1;
    }

    private static double slow(Path file) {
        double sum = 0;
        ThreadMXBean thread = ManagementFactory.getThreadMXBean();
        for (long end = thread.getCurrentThreadCpuTime() + 1_100_000_000L; thread.getCurrentThreadCpuTime() < end; ) {
            for (int i = 0; i < 1000; i++) {
                sum += Math.sqrt(sum + i);
            }
        }
        return sum;
    }

    @ParameterizedTest
    @MethodSource("faults")
    void faultsAreCaught(byte[] content, String told, Function<Path, Object> reader) {
        AssertionError caught = assertThrows(AssertionError.class, () -> Hostile.file(content, 4, reader));
        assertTrue(caught.getMessage().contains(told), caught.getMessage());
    }

    @Test
    void aHangIsCaughtAndTheNextReaderStarts() {
        CountDownLatch never = new CountDownLatch(1);
        AssertionError caught = assertThrows(
                AssertionError.class,
                () -> Hostile.inTime(Duration.ofMillis(200), () -> {
                    while (never.getCount() > 0) {
                        Thread.onSpinWait();
                    }
                    return null;
                }));
        never.countDown();
        assertTrue(caught.getMessage().contains("still reading"), caught.getMessage());
        assertTrue(caught.getStackTrace().length > 0, "where it hangs");
        aCarefulReaderIsLeftInPeace();
    }

    @Test
    void everyFuzzerIsReplayed() {
        List<String> fuzzers = new ArrayList<>();
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(new ImportOption.OnlyIncludeTests())
                .importPackages("dev.elbo")) {
            for (JavaMethod method : type.getMethods()) {
                if (method.isAnnotatedWith(FuzzTest.class)) {
                    fuzzers.add(type.getSimpleName());
                    assertTrue(type.getSimpleName().endsWith("FuzzTest"), type + ": src/test/fuzz goes by names");
                    assertTrue(method.isAnnotatedWith(MethodSource.class), method + ": begins with nothing");
                    assertTrue(
                            type.isAnnotatedWith(Tag.class)
                                    && type.getAnnotationOfType(Tag.class)
                                            .value()
                                            .equals("fuzz"),
                            type + ": not tagged, so Jazzer's agent would join the other tests");
                }
            }
        }
        assertTrue(fuzzers.size() >= 19, fuzzers.toString());
        assertEquals(fuzzers.stream().distinct().toList(), fuzzers, "one fuzzer a class: Jazzer runs the first");
    }
}
