package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Skip;
import dev.elbo.cuda.HostDevice;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The maker of golden cases, where PyTorch is: every backend of this machine holds what it makes. */
class MakeGoldenTest {
    private static final String MAKER = "src/main/scripts/make_golden.py";
    private static final String PYTHON = python();

    @TempDir
    private Path folder;

    private static String python() {
        return Stream.of("python3", "/usr/bin/python3")
                .filter(python -> HostDevice.isOnPath(python) && hasTorch(python))
                .findFirst()
                .orElse(null);
    }

    private static boolean hasTorch(String python) {
        try {
            HostDevice.succeed(python, "-c", "import numpy, torch");
            return true;
        } catch (AssertionError e) {
            return false;
        }
    }

    private static void maker(String... options) {
        HostDevice.succeed(Stream.concat(Stream.of(PYTHON, "-B", MAKER), Stream.of(options))
                .toArray(String[]::new));
    }

    @BeforeEach
    void needsTorch() {
        Skip.unless(PYTHON != null, "there is no python3 with PyTorch and NumPy for " + MAKER);
    }

    @Test
    void everyBackendHoldsCasesOfAnySpec() {
        List<String> specs = List.of(
                "784-400-20 --activation relu --likelihood bernoulli --batch 16",
                "30-12-9-4 --activation elu --objective iwae --samples 3",
                "12-3 --likelihood gaussian-learned --variance per-dimension --samples 2 --beta 0.5",
                "17-8-5 --objective ae --likelihood gaussian-optimal --activation softplus --seed 7");
        specs.forEach(options -> maker(("--spec " + options + " --out " + folder).split(" ")));
        Result result = Result.of("verify", "--golden", folder.toString());
        assertEquals(0, result.code(), result.out() + result.err());
        assertTrue(result.out().contains("golden: 4 cases"), result.out());
    }

    @Test
    void theCasesOfTheTestsAreItsOwn() {
        maker("--check", "src/test/resources/golden");
    }

    @Test
    void whatIsNoCaseIsRefused() {
        for (String options : List.of("--spec 784 --out x", "--spec 7-3 --out x --objective ae --samples 2")) {
            AssertionError e = assertThrows(AssertionError.class, () -> maker(options.split(" ")), options);
            assertTrue(e.getMessage().contains("make_golden.py: error: "), e.getMessage());
        }
    }
}
