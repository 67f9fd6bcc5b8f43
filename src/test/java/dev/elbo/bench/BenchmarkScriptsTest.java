package dev.elbo.bench;

import dev.elbo.Skip;
import dev.elbo.cuda.HostDevice;
import org.junit.jupiter.api.Test;

/** The scripts of benchmarks/, by their own tests: with programs that stand in for elbo and NVIDIA's tools. */
class BenchmarkScriptsTest {
    @Test
    void theirTestsPass() {
        Skip.unless(HostDevice.isOnPath("python3"), "there is no python3");
        HostDevice.succeed("python3", "-B", "-m", "unittest", "discover", "-s", "benchmarks", "-p", "test_*.py");
    }
}
