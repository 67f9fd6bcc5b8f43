package dev.elbo.bench;

/**
 * Lets the tests run everything on the host CUDA device, small and short, so that nothing runs for the first time on a GPU:
 * set {@code -Delbo.bench.host=true}. Its results are no results.
 */
final class SmokeTest {
    private static final String SETTING = "elbo.bench.host";

    private SmokeTest() {}

    static boolean isOn() {
        return Boolean.getBoolean(SETTING);
    }
}
