package dev.elbo.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OwnedTest {
    @Test
    void theLastComesFirstAndOnlyOnce() {
        List<Integer> closed = new ArrayList<>();
        Owned owned = new Owned();
        for (int i = 0; i < 3; i++) {
            int number = i;
            owned.add(() -> closed.add(number));
        }
        owned.close();
        owned.close();
        assertEquals(List.of(2, 1, 0), closed);
    }

    @Test
    void aFailureKeepsNoneOpenAndTheFirstIsTold() {
        List<String> closed = new ArrayList<>();
        RuntimeException first = new IllegalStateException("first");
        Exception second = new Exception("checked");
        Owned owned = new Owned();
        owned.add(() -> closed.add("a"));
        owned.add(() -> {
            throw second;
        });
        owned.add(() -> closed.add("b"));
        owned.add(() -> {
            throw first;
        });
        assertSame(first, assertThrows(IllegalStateException.class, owned::close));
        assertEquals(List.of("b", "a"), closed);
        assertSame(second, first.getSuppressed()[0].getCause());
    }
}
