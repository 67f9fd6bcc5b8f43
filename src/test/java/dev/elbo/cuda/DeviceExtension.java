package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.Skip;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Builds the host device before the first test that needs it, resets it before each, and looks after each for leaks and for
 * long calls that hold back the garbage collector.
 */
public final class DeviceExtension implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback {
    /** The device is told once in every process of the tests. */
    private static final AtomicBoolean TOLD = new AtomicBoolean();

    private static OnDevice annotation(ExtensionContext context) {
        return context.getRequiredTestClass().getAnnotation(OnDevice.class);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        if (!TOLD.getAndSet(true)) {
            System.out.println(
                    "tests of the CUDA backend run on " + (HostDevice.isMeant() ? "the host CUDA device" : "the GPU"));
        }
        if (HostDevice.isMeant()) {
            HostDevice.require(annotation(context).kernels());
        } else {
            Skip.unless(!annotation(context).hostOnly(), "this needs the host CUDA device, not a GPU");
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        if (HostDevice.isMeant()) {
            HostDevice.fresh(annotation(context).checked());
            HostDevice.kernels(annotation(context).kernels());
            HostDevice.schedule(context.getUniqueId().hashCode());
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (HostDevice.isMeant() && context.getExecutionException().isEmpty()) {
            assertEquals("", HostDevice.liveReport(), "left on the device");
            assertEquals("", HostDevice.heapCalls(), "long calls that hold back the garbage collector");
        }
    }
}
