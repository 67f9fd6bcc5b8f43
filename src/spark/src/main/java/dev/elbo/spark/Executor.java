package dev.elbo.spark;

import dev.elbo.Backends;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.serve.VaeService;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.resource.ResourceInformation;

/** What Spark gives the process and the task that compute: cores, a GPU, a configuration. */
final class Executor {
    /** How long a service stays open without a task. */
    static final String IDLE = "spark.elbo.service.idle";

    private static final Pattern LOCAL = Pattern.compile("local\\[(\\d+)(?:\\s*,.*)?]");
    private static final Pattern LOCAL_CLUSTER = Pattern.compile("local-cluster\\[\\s*\\d+\\s*,\\s*(\\d+)\\s*,.*]");

    private Executor() {}

    /** Lends the service of a model to this task. */
    static Services.Lease lend(Scoring.Settings settings, Broadcast<ModelContent.Bytes> model) {
        SparkConf conf = SparkEnv.get().conf();
        Scoring.Settings here = settings.withBackend(
                backend(settings.backend(), TaskContext.get().resourcesJMap()));
        Duration idle = Duration.ofSeconds(conf.getTimeAsSeconds(IDLE, "60s"));
        return Services.SHARED.lend(here, () -> open(here, model.value(), tasks(conf)), idle);
    }

    private static VaeService open(Scoring.Settings settings, ModelContent.Bytes model, int tasks) {
        String backend = settings.backend();
        VaeService.Builder builder = VaeService.builder(model.name(), model.stored())
                .backend(backend)
                .batchSize(settings.batchSize())
                .samples(settings.samples())
                .seed(settings.seed());
        boolean cuda = backend.startsWith("cuda")
                || backend.equals("auto") && Backends.cudaUnavailableReason().isEmpty();
        // the tasks of an executor share its GPU, and each has a core
        return (cuda ? builder : builder.replicas(tasks)).build();
    }

    /**
     * Returns the backend of a task: that of the parameter, unless this is auto and Spark assigns a GPU.
     *
     * @param resources of the task, by their kind
     */
    static String backend(String wanted, Map<String, ResourceInformation> resources) {
        ResourceInformation gpu = resources.get("gpu");
        if (!wanted.equals("auto") || gpu == null || gpu.addresses().length == 0) {
            return wanted;
        }
        String address = gpu.addresses()[0];
        if (!address.matches("\\d{1,6}")) {
            throw ElboException.unavailable("Spark has assigned the GPU " + Messages.quote(address)
                    + ", which is not the number of a device; use a discovery script that prints numbers, or set backend"
                    + " to cuda:N");
        }
        return "cuda:" + address;
    }

    /** Returns how many tasks run at the same time in this process. */
    static int tasks(SparkConf conf) {
        return Math.max(1, cores(conf, conf.get("spark.master", "")) / conf.getInt("spark.task.cpus", 1));
    }

    private static int cores(SparkConf conf, String master) {
        int processors = Runtime.getRuntime().availableProcessors();
        Matcher cluster = LOCAL_CLUSTER.matcher(master);
        if (cluster.matches()) {
            return Integer.parseInt(cluster.group(1));
        }
        if (master.startsWith("local")) {
            Matcher local = LOCAL.matcher(master);
            return master.equals("local") ? 1 : local.matches() ? Integer.parseInt(local.group(1)) : processors;
        }
        // YARN and Kubernetes give one core unless they are told, a standalone worker all of its own
        boolean one = master.startsWith("yarn") || master.startsWith("k8s");
        return conf.getInt("spark.executor.cores", one ? 1 : processors);
    }
}
