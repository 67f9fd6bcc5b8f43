package dev.elbo.train;

import dev.elbo.Backends;
import dev.elbo.cuda.OnDevice;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Data that stream past the device make the same model as data that lie on it. */
@OnDevice(checked = false)
class CudaStreamingTest {
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void streamedRunsAreResidentRuns(boolean bytes) {
        StreamingTest.streamedRunsAreResidentRuns(() -> Backends.open("cuda"), 4230, bytes, bytes);
    }
}
