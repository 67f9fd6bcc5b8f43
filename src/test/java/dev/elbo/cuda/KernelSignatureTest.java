package dev.elbo.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.backend.Clock;
import dev.elbo.backend.NoiseSource;
import dev.elbo.backend.Schedule;
import dev.elbo.cuda.driver.Kernel;
import dev.elbo.cuda.driver.Launch;
import dev.elbo.cuda.driver.Signature;
import dev.elbo.model.Activation;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.Activations;
import dev.elbo.net.Parameters;
import dev.elbo.net.Vae;
import dev.elbo.noise.NoiseStream;
import dev.elbo.objective.Objectives;
import dev.elbo.objective.Shard;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import dev.elbo.verify.Argument;
import dev.elbo.verify.Arguments;
import dev.elbo.verify.OpCase;
import dev.elbo.verify.OpCases;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every launch that Java makes is one that the PTX takes: over the whole table of operations, without a device. */
class KernelSignatureTest {
    @Test
    void everyLaunchOfTheTableFitsItsEntryAndDeclaresItsMemoryAndEveryEntryIsLaunched() throws IOException {
        Map<String, Set<String>> launched = new TreeMap<>();
        for (OpCase opCase : OpCases.all()) {
            try (LaunchRecorder recorder = new LaunchRecorder();
                    Tensors tensors = new Tensors(opCase, recorder)) {
                opCase.call().run(recorder.ops(), tensors);
                assertTrue(!recorder.nodes.isEmpty(), opCase + " launches nothing");
                for (Launch launch : recorder.launches()) {
                    launched.computeIfAbsent(opCase.op(), op -> new TreeSet<>())
                            .add(launch.toString().split(" ")[0]);
                }
                requireDeclared(opCase, recorder, tensors);
            }
        }
        Set<String> listed = new TreeSet<>();
        KernelTable.ENTRIES.forEach((op, entries) -> entries.forEach(entry -> {
            String name = KernelTable.name(entry);
            listed.add(name);
            assertTrue(launched.get(op).contains(name), op + " launches " + launched.get(op) + ", not " + name);
        }));
        assertEquals(
                listed, launched.values().stream().flatMap(Set::stream).collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    void whatSeveralOperationsBecomeFitsItsEntry() {
        VaeSpec spec = VaeSpec.mlp(12, List.of(8), 3, Activation.RELU, Likelihood.GAUSSIAN_OPTIMAL, true);
        int batch = 5;
        try (LaunchRecorder recorder = new LaunchRecorder();
                Arena parameters = recorder.allocate(Parameters.layout(spec));
                Arena gradients = recorder.allocate(Parameters.layout(spec));
                Vae vae = new Vae(recorder, spec, parameters);
                Activations activations = vae.allocate(batch, 1, true)) {
            Tensor x = recorder.allocate(ElementType.REAL, batch, spec.inputs());
            Tensor table = recorder.allocate(ElementType.REAL, 1, Schedule.COLUMNS);
            Clock clock = Clock.allocate(recorder);
            NoiseSource noise = NoiseSource.perStep(7, NoiseStream.LATENT, clock);
            recorder.record(() -> Objectives.vae()
                            .step(Shard.whole(
                                    vae, activations, x, noise, new Schedule(table, clock), gradients, null, null)))
                    .close();
            Stream.of(x, table, clock.counters())
                    .forEach(tensor -> tensor.buffer().close());
            Set<String> launched = recorder.launches().stream()
                    .map(launch -> launch.toString().split(" ")[0])
                    .collect(Collectors.toCollection(TreeSet::new));
            KernelTable.FUSED.forEach(
                    entry -> assertTrue(launched.contains(KernelTable.name(entry)), entry + ": " + launched));
        }
    }

    /** What a graph is ordered by: an operation declares what it reads and writes. */
    private static void requireDeclared(OpCase opCase, LaunchRecorder recorder, Tensors tensors) {
        List<AddressRange> read =
                recorder.nodes.stream().flatMap(node -> node.reads().stream()).toList();
        List<AddressRange> written = recorder.nodes.stream()
                .flatMap(node -> node.writes().stream())
                .filter(extent -> extent.start() < LaunchRecorder.SCRATCH && !extent.equals(AddressRange.NONE))
                .toList();
        List<AddressRange> outputs = new ArrayList<>();
        for (Argument argument : opCase.arguments()) {
            AddressRange extent = AddressRange.of(tensors.get(argument.name()));
            if (argument.role() != Argument.Role.INPUT) {
                outputs.add(extent);
                // without an activation its gradient stays as it is
                boolean kept = argument.name().equals("dY") && opCase.label().matches(".*(identity|small integers).*");
                assertTrue(kept || written.contains(extent), opCase + " writes " + argument.name());
            }
            // the clock of noise that is given, weights of a gradient that is not asked for, y without an activation
            boolean unused = argument.name().equals("clock") && tensors.optional("noise") != null
                    || opCase.op().equals("denseGrad")
                            && argument.name().equals("weight")
                            && tensors.optional("dX") == null
                    || opCase.op().equals("denseGrad")
                            && argument.name().equals("y")
                            && opCase.label().contains("identity")
                            && tensors.optional("dB") == null;
            if (argument.role() != Argument.Role.OUTPUT && !unused) {
                // what is written is ordered as if it were read too
                boolean known = written.contains(extent)
                        || read.stream().anyMatch(declared -> declared.contains(extent) || extent.contains(declared));
                assertTrue(known, opCase + " reads " + argument.name());
            }
        }
        assertTrue(outputs.containsAll(written), opCase + " writes something else");
    }

    @Test
    void theSignaturesAreThoseOfThePtx() throws IOException {
        for (Ptx ptx : Ptx.all()) {
            Map<String, Signature> signatures = Signature.parse(ptx.text());
            assertEquals(
                    ptx.entries(),
                    signatures.keySet().stream()
                            .map(entry -> ptx.family() + "." + entry)
                            .collect(Collectors.toCollection(TreeSet::new)));
            for (Signature signature : signatures.values()) {
                long parameters = ptx.text()
                        .lines()
                        .filter(line -> line.matches("\\s*\\.param \\.\\w+ " + signature.entry() + "_param_\\d+,?"))
                        .count();
                assertEquals(parameters, signature.parameters().size(), signature.entry());
                assertEquals(LaunchBuilder.BLOCK, signature.maxThreads(), signature.entry());
            }
        }
    }

    private static Launch.Builder seeded() {
        return Launch.of(Kernel.unloaded(new Signature("seeded", List.of("u64", "u32", "f32"), 256)));
    }

    @Test
    void launchesThatDoNotFitAreRefused() {
        seeded().pointer(16).number(1).number(1f).grid(1, 1, 256);
        refused(
                "argument 1 is a float, the PTX has .u32",
                () -> seeded().pointer(16).number(1f));
        refused("argument 0 is an int, the PTX has .u64", () -> seeded().number(1));
        refused(
                "argument 1 is a long, the PTX has .u32",
                () -> seeded().pointer(16).number(1L));
        refused(
                "takes 3 arguments, but got another",
                () -> seeded().pointer(16).number(1).number(1f).number(1));
        refused(
                "takes 3 arguments, 2 are given",
                () -> seeded().pointer(16).number(1).grid(1, 1, 256));
        refused(
                "blocks of 257 threads, the PTX allows 1 to 256",
                () -> seeded().pointer(16).number(1).number(1f).grid(1, 1, 257));
        refused(
                "a grid of 1 × 65536",
                () -> seeded().pointer(16).number(1).number(1f).grid(1, 65536, 1));
        refused(
                "a grid of 0 × 1",
                () -> seeded().pointer(16).number(1).number(1f).grid(0, 1, 1));
    }

    private static void refused(String what, Runnable launch) {
        IllegalStateException refusal = assertThrows(IllegalStateException.class, launch::run);
        assertTrue(
                refusal.getMessage().startsWith("seeded")
                        && refusal.getMessage().contains(what),
                refusal.getMessage());
    }

    /** A case's tensors at addresses without memory. */
    private static final class Tensors implements Arguments, AutoCloseable {
        private final Map<String, Buffer> regions = new HashMap<>();
        private final Map<String, Tensor> tensors = new HashMap<>();

        Tensors(OpCase opCase, LaunchRecorder recorder) {
            for (Argument a : opCase.arguments()) {
                Buffer buffer = regions.computeIfAbsent(
                        a.place().region(),
                        region -> recorder.allocate(
                                a.type(),
                                a.place().lead() + (long) a.rows() * a.place().stride()));
                long offset = a.place().lead() + a.place().column();
                tensors.put(
                        a.name(),
                        new Tensor(buffer, offset, a.rows(), a.cols(), a.place().stride()));
            }
        }

        @Override
        public Tensor optional(String name) {
            return tensors.get(name);
        }

        @Override
        public void close() {
            regions.values().forEach(Buffer::close);
        }
    }
}
