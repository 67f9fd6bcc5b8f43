package dev.elbo.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.backend.Backend;
import dev.elbo.reference.ReferenceBackend;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** {@link Tensor#overlaps} against sets of elements, wherever a matrix starts in its buffer. */
class OverlapsTest {
    @Test
    void viewsOfOneMatrix() {
        int stride = 5;
        int shared = 0;
        int apart = 0;
        try (Backend backend = new ReferenceBackend();
                Buffer buffer = backend.allocate(ElementType.REAL, 60)) {
            for (int start = 0; start < 8; start++) {
                Tensor whole = new Tensor(buffer, start, 4, stride, stride);
                for (int from = 0; from < stride; from++) {
                    for (int other = 0; other < stride; other++) {
                        for (int cols = 1; from + cols <= stride; cols++) {
                            for (int otherCols = 1; other + otherCols <= stride; otherCols++) {
                                Tensor a = whole.cols(from, cols);
                                Tensor b = whole.cols(other, otherCols);
                                boolean meet = meet(a, b);
                                assertEquals(meet, a.overlaps(b), a + " and " + b);
                                shared += meet ? 1 : 0;
                                apart += meet ? 0 : 1;
                            }
                        }
                    }
                }
            }
        }
        assertEquals(8 * 225, shared + apart);
        assertEquals(8 * 70, apart);
    }

    private static boolean meet(Tensor a, Tensor b) {
        Set<Long> elements = new HashSet<>();
        for (int i = 0; i < a.rows(); i++) {
            for (int j = 0; j < a.cols(); j++) {
                elements.add(a.offset() + i * a.stride() + j);
            }
        }
        for (int i = 0; i < b.rows(); i++) {
            for (int j = 0; j < b.cols(); j++) {
                if (elements.contains(b.offset() + i * b.stride() + j)) {
                    return true;
                }
            }
        }
        return false;
    }
}
