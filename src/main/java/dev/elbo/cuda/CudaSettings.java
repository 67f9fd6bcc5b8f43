package dev.elbo.cuda;

import dev.elbo.backend.Precision;
import dev.elbo.error.ElboException;

/**
 * The settings of a CUDA backend. All but the precision are for measurements and for finding faults.
 *
 * @param precision of the operands of products, but for those of thin inputs, which are float32
 * @param graphs whether programs are captured into CUDA graphs; without, they launch their operations one by one, with the
 *     same results
 * @param blocking whether every operation is waited for, so that a fault of the device is reported at its operation; without
 *     graphs
 * @param streams the most branches of a graph, 1 to {@value #MAX_STREAMS}, with the same results; 1 without graphs
 * @param fusion whether a program makes one launch of several operations if it can
 */
public record CudaSettings(Precision precision, boolean graphs, boolean blocking, int streams, boolean fusion) {
    /** The critical path of a step and two branches for weights and metrics: one would be longer than the path. */
    public static final int MAX_STREAMS = 3;

    /** System property with the number of streams. */
    public static final String STREAMS = "elbo.cuda.streams";
    /** System property that turns fusion on or off: "true" or "false". */
    public static final String FUSION = "elbo.cuda.fusion";

    /** The default: float32, with graphs. */
    public static final CudaSettings DEFAULT = new CudaSettings(Precision.FP32, true, false);

    public CudaSettings {
        if (graphs && blocking) {
            throw new IllegalArgumentException("blocking needs graphs off, since a graph runs as a whole");
        }
        if (streams < 1 || streams > (graphs ? MAX_STREAMS : 1)) {
            throw new IllegalArgumentException(
                    (graphs ? "streams must be 1 to " + MAX_STREAMS : "streams must be 1 without graphs") + ", not "
                            + streams);
        }
    }

    /** Creates settings with all streams that graphs can use, and with fusion. */
    public CudaSettings(Precision precision, boolean graphs, boolean blocking) {
        this(precision, graphs, blocking, graphs ? MAX_STREAMS : 1, true);
    }

    /**
     * Returns the default with products of another precision, and with the system properties {@value #STREAMS} and
     * {@value #FUSION} applied.
     *
     * @param precision of the operands of products
     * @throws ElboException usage, if a property has a value that it cannot have
     */
    public static CudaSettings of(Precision precision) {
        int streams = Integer.parseInt(property(STREAMS, Integer.toString(MAX_STREAMS), "[1-" + MAX_STREAMS + "]"));
        boolean fusion = Boolean.parseBoolean(property(FUSION, "true", "true|false"));
        return new CudaSettings(precision, true, false, streams, fusion);
    }

    private static String property(String name, String otherwise, String pattern) {
        String value = System.getProperty(name, otherwise);
        if (!value.matches(pattern)) {
            throw ElboException.usage("system property " + name + "=" + value + " is not one of "
                    + pattern.replaceAll("[\\[\\]]", "").replace("|", ", ").replace("-", " to "));
        }
        return value;
    }

    /** Describes the differences from the default besides the precision: ", 2 streams, no fusion", or "". */
    String peculiarities() {
        String parallel =
                graphs && streams < MAX_STREAMS ? ", " + streams + (streams == 1 ? " stream" : " streams") : "";
        return parallel + (fusion ? "" : ", no fusion");
    }
}
