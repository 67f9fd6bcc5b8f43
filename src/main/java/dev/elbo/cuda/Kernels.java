package dev.elbo.cuda;

import dev.elbo.cuda.driver.Context;
import dev.elbo.cuda.driver.Device;
import dev.elbo.cuda.driver.Kernel;
import dev.elbo.cuda.driver.Module;
import dev.elbo.cuda.driver.Signature;
import dev.elbo.error.ElboException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The kernels of {@code kernels/}, by the names of their entries. */
public final class Kernels {
    /** The files of PTX, as those in kernels/. */
    static final List<String> FAMILIES = List.of(
            "activation",
            "bottleneck",
            "classes",
            "columns",
            "convolution",
            "latent",
            "loss",
            "step",
            "thin",
            "weights");

    private final Map<String, Kernel> kernels;

    private Kernels(Map<String, Kernel> kernels) {
        this.kernels = kernels;
    }

    /** {@return whether the kernels support a device} */
    static boolean isSupported(Device device) {
        return device.major() > 7 || device.major() == 7 && device.minor() >= 5;
    }

    /** @throws ElboException unavailable, if the kernels do not support a device */
    public static void requireSupported(Device device) {
        if (!isSupported(device)) {
            throw ElboException.unavailable(
                    device.label() + " has compute capability " + device.capability() + ", elbo needs 7.5 or newer");
        }
    }

    /** Loads all kernels onto a device; its context must be current. */
    public static Kernels load(Context context) {
        Map<String, String> texts = new LinkedHashMap<>();
        FAMILIES.forEach(family -> texts.put(family, text(family)));
        return new Kernels(Module.load(context, texts));
    }

    /** Returns all kernels, of no device: launches can be made, and are checked, but not run. */
    static Kernels unloaded() {
        return new Kernels(FAMILIES.stream()
                .flatMap(family -> Signature.parse(text(family)).values().stream())
                .collect(Collectors.toMap(Signature::entry, Kernel::unloaded)));
    }

    /** Returns the PTX of a family, as in the jar. */
    static String text(String family) {
        try (InputStream in = Kernels.class.getResourceAsStream(family + ".ptx")) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + family + ".ptx");
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the SHA-256 of the PTX of all families, in hexadecimal. */
    static String hash() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            FAMILIES.forEach(family -> digest.update(text(family).getBytes(StandardCharsets.US_ASCII)));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    Kernel get(String entry) {
        Kernel kernel = kernels.get(entry);
        if (kernel == null) {
            throw new IllegalStateException("no kernel " + entry + "; there are " + kernels.keySet());
        }
        return kernel;
    }
}
