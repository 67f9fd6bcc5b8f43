package dev.elbo.cuda.driver;

import dev.elbo.backend.Precision;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** A program that says which driver and which cuBLAS it has come to use. */
public final class LibrariesInUse {
    private LibrariesInUse() {}

    /** @param beyond folders that take the place of {@link Libraries#BEYOND}, if any */
    public static void main(String[] beyond) {
        List<Path> folders = beyond.length == 0
                ? Libraries.BEYOND
                : Arrays.stream(beyond).map(Path::of).toList();
        Natives.Verdict driver = Natives.driver(folders);
        if (!driver.loaded()) {
            throw new IllegalStateException(driver.problem());
        }
        System.out.println("driver: from " + driver.source());
        try (Context context = Context.of(Device.all().get(0))) {
            context.push();
            try (Stream stream = new Stream(context);
                    DeviceMemory workspace = new DeviceMemory(context, 1 << 20);
                    Blas blas = Blas.open(context, stream, Precision.FP32, workspace)) {
                System.out.println("cuBLAS: " + blas.library());
            } finally {
                context.pop();
            }
        }
    }
}
