package dev.elbo.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.error.ElboException;
import dev.elbo.serve.VaeService;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.spark.SparkConf;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** A process opens one service for a model and its settings, and closes it when no task has used it for a while. */
class ServicesTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Supplier<VaeService> OPENING = () ->
            VaeService.builder(Models.ofNumbers()).backend("cpu").replicas(1).build();

    private static Scoring.Settings settings(long seed) {
        return new Scoring.Settings("digest", "cpu", 32, 16, seed);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 500 && !condition.getAsBoolean(); i++) {
            Thread.sleep(10);
        }
        assertTrue(condition.getAsBoolean());
    }

    @Test
    void tasksShareAServiceUntilItIsUnused() throws InterruptedException {
        Services services = new Services();
        Services.Lease first = services.lend(settings(0), OPENING, Duration.ofMillis(20));
        Services.Lease second = services.lend(settings(0), OPENING, Duration.ofMillis(20));
        assertSame(first.service(), second.service());
        first.close();
        first.close();
        Thread.sleep(60);
        assertEquals(0, services.closed(), "a task still has it");
        second.close();
        await(() -> services.closed() == 1);
        assertThrows(IllegalStateException.class, () -> first.service().encode(new float[Models.WIDTH]));
        try (Services.Lease third = services.lend(settings(0), OPENING, LONG)) {
            assertNotSame(first.service(), third.service());
        }
        assertEquals(2, services.opened());
        services.closeUnused();
        assertEquals(2, services.closed());
    }

    @Test
    void otherSettingsHaveAServiceOfTheirOwn() {
        Services services = new Services();
        try (Services.Lease one = services.lend(settings(0), OPENING, LONG);
                Services.Lease other = services.lend(settings(1), OPENING, LONG)) {
            assertNotSame(one.service(), other.service());
            services.closeUnused();
            assertEquals(0, services.closed());
        }
        services.closeUnused();
        assertEquals(2, services.closed());
    }

    @Test
    void aServiceThatDoesNotOpenIsTriedAgain() {
        Services services = new Services();
        assertThrows(
                ElboException.class,
                () -> services.lend(
                        settings(0),
                        () -> {
                            throw ElboException.unavailable("no GPU");
                        },
                        LONG));
        services.lend(settings(0), OPENING, LONG).close();
        assertEquals(1, services.opened());
        services.closeUnused();
        assertEquals(1, services.closed());
    }

    @Test
    void aJobOpensOneService() {
        Dataset<Row> rows = Frames.vectors(Models.numbers(200)).repartition(9);
        VaeModel model =
                VaeModel.ofFile(Models.ofNumbers().toString()).setBackend("cpu").setSeed(77);
        int before = Services.SHARED.opened();
        assertEquals(200, model.transform(rows).where("score > -1e9").count());
        assertEquals(
                200,
                model.copy(new ParamMap()).transform(rows).where("score > -1e9").count());
        assertEquals(before + 1, Services.SHARED.opened());
        model.setSeed(78).transform(rows).limit(3).collectAsList();
        assertEquals(before + 2, Services.SHARED.opened());
    }

    @Test
    void tasksGiveTheirServiceBackHoweverTheyEnd() throws InterruptedException {
        VaeModel model =
                VaeModel.ofFile(Models.ofNumbers().toString()).setBackend("cpu").setSeed(79);
        double[][] values = Models.numbers(2000);
        Dataset<Row> cutShort =
                model.transform(Frames.vectors(values).repartition(3)).limit(1);
        assertEquals(1, cutShort.collectAsList().size());
        values[1999][0] = Double.NaN;
        Dataset<Row> failing = model.transform(Frames.vectors(values).repartition(3));
        Sessions.refused(ElboException.Kind.DATA, failing::count, "has NaN at place 0");
        await(
                () -> { // other tasks of the job may end later than it
                    Services.SHARED.closeUnused();
                    return Services.SHARED.opened() == Services.SHARED.closed();
                });
    }

    @Test
    void aTaskHasACoreOfItsExecutor() {
        assertEquals(4, tasks("local[4]", 1));
        assertEquals(2, tasks("local[4, 3]", 2));
        assertEquals(1, tasks("local", 1));
        assertEquals(Runtime.getRuntime().availableProcessors(), tasks("local[*]", 1));
        assertEquals(3, tasks("local-cluster[2,3,1024]", 1));
        assertEquals(1, tasks("yarn", 1));
        SparkConf conf =
                new SparkConf(false).set("spark.master", "k8s://https://a").set("spark.executor.cores", "8");
        assertEquals(8, Executor.tasks(conf));
        assertEquals(1, Executor.tasks(conf.set("spark.task.cpus", "16")));
    }

    private static int tasks(String master, int cpus) {
        return Executor.tasks(
                new SparkConf(false).set("spark.master", master).set("spark.task.cpus", String.valueOf(cpus)));
    }

    @Test
    void autoIsTheGpuThatSparkAssigns() {
        Map<String, ResourceInformation> two =
                Map.of("gpu", new ResourceInformation("gpu", new String[] {"3", "1"}), "fpga", gpu("0"));
        assertEquals("cuda:3", Executor.backend("auto", two));
        assertEquals("cpu", Executor.backend("cpu", two));
        assertEquals("auto", Executor.backend("auto", Map.of("fpga", gpu("0"))));
        assertEquals("auto", Executor.backend("auto", Map.of("gpu", new ResourceInformation("gpu", new String[0]))));
        Sessions.refused(
                ElboException.Kind.UNAVAILABLE,
                () -> Executor.backend("auto", Map.of("gpu", gpu("GPU-1f"))),
                "'GPU-1f'",
                "discovery script");
    }

    private static ResourceInformation gpu(String address) {
        return new ResourceInformation("gpu", new String[] {address});
    }
}
