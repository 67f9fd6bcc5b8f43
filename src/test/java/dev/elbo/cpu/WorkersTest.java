package dev.elbo.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkersTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void everyBlockRunsExactlyOnceInEveryRun(int threads) {
        try (Workers workers = new Workers(threads)) {
            for (int run = 0; run < 3_000; run++) {
                int count = 1 + run % 17;
                AtomicIntegerArray seen = new AtomicIntegerArray(count);
                workers.run(count, seen::incrementAndGet);
                for (int block = 0; block < count; block++) {
                    assertEquals(1, seen.get(block), "block " + block + " of " + count + " in run " + run);
                }
            }
        }
    }

    @Test
    void aRunSeesWhatTheOneBeforeWrote() {
        long[] values = new long[64];
        try (Workers workers = new Workers(4)) {
            for (int run = 0; run < 5_000; run++) {
                workers.run(64, block -> values[block] += values[(block + 1) % 64] == -1 ? 0 : 1);
            }
        }
        long[] expected = new long[64];
        Arrays.fill(expected, 5_000);
        assertArrayEquals(expected, values);
    }

    @Test
    void aFailureReachesTheCallerAndTheNextRunWorks() {
        try (Workers workers = new Workers(3)) {
            IllegalStateException failure = assertThrows(
                    IllegalStateException.class,
                    () -> workers.run(8, block -> {
                        if (block == 5) {
                            throw new ArithmeticException("block five");
                        }
                    }));
            assertTrue(failure.getMessage().contains("block five"));
            AtomicIntegerArray seen = new AtomicIntegerArray(8);
            workers.run(8, seen::incrementAndGet);
            assertEquals(1, seen.get(7));
        }
    }

    @Test
    void aRunAllocatesNothing() {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        double[] sums = new double[16];
        Workers.Body body = block -> sums[block] += block;
        try (Workers workers = new Workers(2)) {
            for (int warmup = 0; warmup < 20_000; warmup++) {
                workers.run(16, body);
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int run = 0; run < 10_000; run++) {
                workers.run(16, body);
            }
            // the reading itself may cost a few bytes; one object a run would be 160,000
            assertTrue(threads.getCurrentThreadAllocatedBytes() - before < 10_000);
        }
    }

    @Test
    void blocksCoverTheRangeInWholeUnits() {
        for (int length : new int[] {1, 15, 16, 17, 40, 100, 192, 400, 784, 4096, 4099}) {
            Blocks blocks = Blocks.of(length, 192, 16);
            int next = 0;
            for (int block = 0; block < blocks.count(); block++) {
                assertEquals(next, blocks.start(block));
                assertTrue(blocks.size(block) > 0);
                assertTrue(block == blocks.count() - 1 || blocks.size(block) % 16 == 0);
                next += blocks.size(block);
            }
            assertEquals(length, next);
        }
    }
}
