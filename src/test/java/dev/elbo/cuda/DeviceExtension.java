package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.elbo.Skip;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Builds the host device before the first test that needs it, resets it before each, and looks after each for leaks and for
 * long calls that hold back the garbage collector.
 */
public final class DeviceExtension implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback {
    private static final Namespace NAMESPACE = Namespace.create(DeviceExtension.class);

    /** Says at the end of the run how many tests there were and on what. */
    @SuppressWarnings("try")
    private static final class Count implements AutoCloseable {
        private final AtomicInteger tests = new AtomicInteger();

        @Override
        public void close() {
            System.out.println(tests + " tests of the CUDA backend ran on "
                    + (HostDevice.isMeant() ? "the host CUDA device" : "the GPU"));
        }
    }

    private static Count count(ExtensionContext context) {
        return context.getRoot().getStore(NAMESPACE).getOrComputeIfAbsent(Count.class, key -> new Count(), Count.class);
    }

    private static OnDevice annotation(ExtensionContext context) {
        return context.getRequiredTestClass().getAnnotation(OnDevice.class);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        if (HostDevice.isMeant()) {
            HostDevice.require(annotation(context).kernels());
        } else {
            Skip.unless(!annotation(context).hostOnly(), "this needs the host CUDA device, not a GPU");
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        count(context).tests.incrementAndGet();
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
