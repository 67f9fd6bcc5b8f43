package dev.elbo.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.error.ElboException;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is filled and sent arrives, on every backend. */
public class UploadBuffersTest {
    static List<Supplier<Backend>> backends() {
        return Backends.available(0);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void bytesArriveInTheirSlot(Supplier<Backend> open) {
        try (Backend backend = open.get();
                UploadBuffers uploads = backend.uploadBuffers(ElementType.UINT8, 3, 2)) {
            for (int i = 0; i < UploadBuffers.SLOTS; i++) {
                uploads.hostBuffer(i).put(0, new byte[] {(byte) (200 + i), 1, 2, 3, 4, 5});
                uploads.upload(i, 3);
                uploads.hostBuffer(i).put(0, new byte[] {9, 9, 9, 9, 9, 9});
            }
            for (int i = 0; i < UploadBuffers.SLOTS; i++) {
                byte[] arrived = new byte[6];
                uploads.slot(i).read(arrived);
                assertArrayEquals(new byte[] {(byte) (200 + i), 1, 2, 3, 4, 5}, arrived);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void floatsArriveWherePositionAndLimitDoNotMatterAndOnlyTheRowsThatWereSent(Supplier<Backend> open) {
        try (Backend backend = open.get();
                UploadBuffers uploads = backend.uploadBuffers(ElementType.REAL, 2, 3)) {
            ByteBuffer host = uploads.hostBuffer(1);
            assertEquals(ByteOrder.nativeOrder(), host.order());
            for (int j = 0; j < 6; j++) {
                host.putFloat(0.1f * (j + 1));
            }
            host.flip();
            uploads.upload(1, 2);
            assertArrayEquals(
                    new float[] {0.1f, 0.1f * 2, 0.1f * 3, 0.1f * 4, 0.1f * 5, 0.1f * 6},
                    uploads.slot(1).toFloats());
            uploads.release(1);
            assertSame(host, uploads.hostBuffer(1));
            host.putFloat(0, 7).putFloat(12, 8);
            uploads.upload(1, 1);
            assertArrayEquals(
                    new float[] {7, 0.1f * 2, 0.1f * 3},
                    uploads.slot(1).rows(0, 1).toFloats());
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void operationsQueuedAfterwardsSeeIt(Supplier<Backend> open) {
        try (Backend backend = open.get();
                UploadBuffers uploads = backend.uploadBuffers(ElementType.UINT8, 1, 4)) {
            Clock clock = Clock.allocate(backend);
            Tensor x = backend.allocate(ElementType.REAL, 1, 4);
            for (int turn = 0; turn < 10; turn++) {
                int i = turn % UploadBuffers.SLOTS;
                uploads.hostBuffer(i).put(0, new byte[] {(byte) turn, 0, 1, 2});
                uploads.upload(i, 1);
                backend.ops().gather(uploads.slot(i), null, clock, 0.5f, null, x);
                uploads.release(i);
                assertArrayEquals(new float[] {0.5f * turn, 0, 0.5f, 1}, x.toFloats());
            }
            x.buffer().close();
            clock.counters().buffer().close();
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void wrongUseIsRefusedAndNothingIsLeftOpen(Supplier<Backend> open) {
        try (Backend backend = open.get()) {
            UploadBuffers uploads = backend.uploadBuffers(ElementType.UINT8, 3, 2);
            assertEquals(UploadBuffers.SLOTS, backend.openBuffers().size());
            assertThrows(IndexOutOfBoundsException.class, () -> uploads.slot(2));
            assertThrows(IndexOutOfBoundsException.class, () -> uploads.hostBuffer(-1));
            assertThrows(IndexOutOfBoundsException.class, () -> uploads.release(2));
            assertThrows(IndexOutOfBoundsException.class, () -> uploads.upload(2, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> uploads.upload(0, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> uploads.upload(0, 4));
            uploads.close();
            uploads.close();
            assertThrows(IllegalStateException.class, () -> uploads.hostBuffer(0));
            assertThrows(IllegalStateException.class, () -> uploads.upload(0, 1));
            assertTrue(backend.openBuffers().isEmpty());
            assertThrows(IllegalArgumentException.class, () -> backend.uploadBuffers(ElementType.INT32, 1, 1));
            // the tests run with a heap far below 16 GiB
            ElboException error = assertThrows(
                    ElboException.class, () -> backend.uploadBuffers(ElementType.REAL, 1 << 16, (1 << 15) - 1));
            assertEquals(ElboException.Kind.UNAVAILABLE, error.kind());
            assertTrue(backend.openBuffers().isEmpty());
        }
    }
}
