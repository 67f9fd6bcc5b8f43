package dev.elbo.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CloserTest {
    @Test
    void theLastComesFirstAndOnlyOnce() {
        List<Integer> closed = new ArrayList<>();
        Closer closer = new Closer();
        for (int i = 0; i < 3; i++) {
            int number = i;
            closer.register(() -> closed.add(number));
        }
        closer.close();
        closer.close();
        assertEquals(List.of(2, 1, 0), closed);
    }

    @Test
    void aFailureKeepsNoneOpenAndTheFirstIsTold() {
        List<String> closed = new ArrayList<>();
        RuntimeException first = new IllegalStateException("first");
        Exception second = new Exception("checked");
        Closer closer = new Closer();
        closer.register(() -> closed.add("a"));
        closer.register(() -> {
            throw second;
        });
        closer.register(() -> closed.add("b"));
        closer.register(() -> {
            throw first;
        });
        assertSame(first, assertThrows(IllegalStateException.class, closer::close));
        assertEquals(List.of("b", "a"), closed);
        assertSame(second, first.getSuppressed()[0].getCause());
    }
}
