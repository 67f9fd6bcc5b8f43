package dev.elbo.train;

import dev.elbo.Backends;
import dev.elbo.cuda.OnDevice;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Data that stream past the device make the same model as data that lie on it. */
@OnDevice(checked = false)
class CudaStreamingTest {
    @ParameterizedTest
    @ValueSource(ints = {350, 4230})
    void streamedRunsAreResidentRuns(int examples) {
        StreamingTest.streamedRunsAreResidentRuns(() -> Backends.open("cuda"), examples);
    }
}
