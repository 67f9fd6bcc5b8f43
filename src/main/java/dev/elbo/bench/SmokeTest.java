package dev.elbo.bench;

/**
 * The switch {@code -Delbo.bench.host=true}, with which tests run everything on the host CUDA device, small and short,
 * so that nothing runs for the first time on a GPU. Its results are meaningless.
 */
final class SmokeTest {
    private static final String SETTING = "elbo.bench.host";

    private SmokeTest() {}

    static boolean isOn() {
        return Boolean.getBoolean(SETTING);
    }
}
