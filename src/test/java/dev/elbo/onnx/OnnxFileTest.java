package dev.elbo.onnx;

import static dev.elbo.io.Failures.fails;
import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl;
import dev.elbo.error.ElboException;
import dev.elbo.io.SafeTensors;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.ModelFile;
import dev.elbo.net.TinyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bytes of the files, as the classes that were generated from onnx.proto see them. */
class OnnxFileTest {
    @TempDir
    private Path folder;

    private static VaeSpec spec(Activation activation, Component likelihood, boolean stochastic) {
        return VaeSpec.mlp(6, List.of(5, 4), 3, activation, likelihood, stochastic);
    }

    private static String text(OnnxMl.ValueInfoProto value) {
        assertEquals(
                value.getName().equals("class")
                        ? OnnxMl.TensorProto.DataType.INT64_VALUE
                        : OnnxMl.TensorProto.DataType.FLOAT_VALUE,
                value.getType().getTensorType().getElemType());
        assertFalse(value.getDocString().isBlank(), value.getName());
        return value.getName()
                + value.getType().getTensorType().getShape().getDimList().stream()
                        .map(dim -> dim.hasDimParam() ? dim.getDimParam() : String.valueOf(dim.getDimValue()))
                        .toList();
    }

    @Test
    void whatThePartsTakeAndGive() throws Exception {
        Map<OnnxExport.Part, String> variational = Map.of(
                OnnxExport.Part.ENCODER, "[x[batch, 6]] [mu[batch, 3], log_var[batch, 3]]",
                OnnxExport.Part.DECODER, "[z[batch, 3]] [x_mean[batch, 6], x_logits[batch, 6]]",
                OnnxExport.Part.WHOLE,
                        "[x[batch, 6], noise[batch, 3]] [x_mean[batch, 6], x_logits[batch, 6], mu[batch, 3],"
                                + " log_var[batch, 3], z[batch, 3]]");
        Map<OnnxExport.Part, String> plain = Map.of(
                OnnxExport.Part.ENCODER, "[x[batch, 6]] [mu[batch, 3]]",
                OnnxExport.Part.DECODER, "[z[batch, 3]] [x_mean[batch, 6], x_log_var[batch, 6]]",
                OnnxExport.Part.WHOLE, "[x[batch, 6]] [x_mean[batch, 6], x_log_var[batch, 6], mu[batch, 3]]");
        for (OnnxExport.Part part : OnnxExport.Part.values()) {
            VaeSpec spec = spec(Activation.ELU, Likelihood.BERNOULLI, true);
            assertEquals(variational.get(part), ports(spec, part));
            String first = part == OnnxExport.Part.DECODER ? "[z[batch, 3]" : "[x[batch, 6]";
            assertEquals(
                    variational.get(part).replace(first, first + ", class[batch]"),
                    ports(spec.withClasses(List.of("cat", "dog")), part));
            assertEquals(plain.get(part), ports(spec(Activation.ELU, Likelihood.GAUSSIAN, false), part));
        }
    }

    private String ports(VaeSpec spec, OnnxExport.Part part) throws Exception {
        OnnxExport export = OnnxExport.of(new Exported(spec).model, part);
        OnnxMl.GraphProto graph =
                OnnxMl.ModelProto.parseFrom(OnnxFiles.bytes(folder, export)).getGraph();
        List<String> inputs =
                graph.getInputList().stream().map(OnnxFileTest::text).toList();
        List<String> outputs =
                graph.getOutputList().stream().map(OnnxFileTest::text).toList();
        assertEquals(
                inputs.toString(), export.inputs().toString().replace(" (", "[").replace(')', ']'));
        assertEquals(
                outputs.toString(),
                export.outputs().toString().replace(" (", "[").replace(')', ']'));
        return inputs + " " + outputs;
    }

    @Test
    void theBytesAreThoseOfTheOfficialEncoderAndTheStructureHolds() throws Exception {
        for (Activation activation : Activation.values()) {
            for (Component likelihood : TinyModel.likelihoods()) {
                Exported exported = new Exported(spec(activation, likelihood, true));
                for (OnnxExport.Part part : OnnxExport.Part.values()) {
                    byte[] bytes = exported.bytes(folder, part);
                    OnnxMl.ModelProto model = OnnxMl.ModelProto.parseFrom(bytes);
                    assertArrayEquals(model.toByteArray(), bytes, "canonical, and nothing unknown");
                    assertArrayEquals(exported.bytes(folder, part), bytes, "always the same");
                    requireSound(model);
                    requireWeights(exported, part, model.getGraph());
                }
            }
        }
    }

    /** Conditions of the format on a file; every value in it is used. */
    static void requireSound(OnnxMl.ModelProto model) {
        assertEquals(7, model.getIrVersion());
        assertEquals(1, model.getOpsetImportCount());
        assertEquals("", model.getOpsetImport(0).getDomain());
        assertEquals(13, model.getOpsetImport(0).getVersion());
        OnnxMl.GraphProto graph = model.getGraph();
        Set<String> known = new HashSet<>();
        Set<String> unused = new TreeSet<>();
        graph.getInitializerList().forEach(tensor -> {
            long elements = tensor.getDimsList().stream().reduce(1L, (a, b) -> a * b);
            if (tensor.getDataType() == OnnxMl.TensorProto.DataType.INT64_VALUE) {
                assertEquals(elements, tensor.getInt64DataCount(), tensor.getName());
            } else {
                assertEquals(OnnxMl.TensorProto.DataType.FLOAT_VALUE, tensor.getDataType());
                assertEquals(4 * elements, tensor.getRawData().size(), tensor.getName());
            }
            assertTrue(known.add(tensor.getName()) && unused.add(tensor.getName()), tensor.getName());
        });
        graph.getInputList().forEach(input -> {
            assertTrue(known.add(input.getName()) && unused.add(input.getName()), input.getName());
        });
        Set<String> names = new HashSet<>();
        graph.getNodeList().forEach(node -> {
            assertTrue(known.containsAll(node.getInputList()), node + " comes before what it takes");
            unused.removeAll(node.getInputList());
            assertEquals(1, node.getOutputCount());
            assertTrue(known.add(node.getOutput(0)) && names.add(node.getName()), node.getName());
            unused.add(node.getOutput(0));
            node.getAttributeList()
                    .forEach(attribute -> assertEquals(
                            attribute.hasF()
                                    ? OnnxMl.AttributeProto.AttributeType.FLOAT
                                    : attribute.hasI()
                                            ? OnnxMl.AttributeProto.AttributeType.INT
                                            : OnnxMl.AttributeProto.AttributeType.INTS,
                            attribute.getType()));
        });
        graph.getOutputList().forEach(output -> {
            assertTrue(known.contains(output.getName()), output.getName());
            unused.remove(output.getName());
        });
        assertEquals(Set.of(), unused);
    }

    private static void requireWeights(Exported exported, OnnxExport.Part part, OnnxMl.GraphProto graph) {
        Map<String, OnnxMl.TensorProto> initializers = graph.getInitializerList().stream()
                .collect(Collectors.toMap(OnnxMl.TensorProto::getName, tensor -> tensor));
        exported.model.tensors().forEach((name, entry) -> {
            boolean encoder = name.startsWith("encoder") || name.startsWith("mu") || name.startsWith("log_var");
            OnnxMl.TensorProto tensor = initializers.get(name.equals("output.log_var") ? "x_log_var.row" : name);
            if (part == OnnxExport.Part.WHOLE || encoder == (part == OnnxExport.Part.ENCODER)) {
                assertArrayEquals(entry.values(), OnnxFiles.values(tensor), name);
                assertArrayEquals(
                        entry.shape(),
                        tensor.getDimsList().stream().mapToInt(Long::intValue).toArray());
            } else {
                assertEquals(null, tensor, name);
            }
        });
        if (part != OnnxExport.Part.DECODER) {
            assertEquals(-30, OnnxFiles.values(initializers.get("log_var.min"))[0]);
            assertEquals(20, OnnxFiles.values(initializers.get("log_var.max"))[0]);
        }
    }

    @Test
    void theFileSaysWhatItIs() throws Exception {
        VaeSpec spec = spec(Activation.LEAKY_RELU, Likelihood.GAUSSIAN_OPTIMAL, true);
        Exported exported = new Exported(spec);
        OnnxMl.ModelProto model = OnnxMl.ModelProto.parseFrom(exported.bytes(folder, OnnxExport.Part.DECODER));
        assertEquals("elbo", model.getProducerName());
        assertEquals(
                "The decoder of a variational autoencoder 6-5-4-3, leaky_relu, gaussian-optimal", model.getDocString());
        assertEquals("decoder", model.getGraph().getName());
        assertEquals(
                "[z (batch, 3)] to [x_mean (batch, 6), x_log_var (batch, 6)]",
                model.getGraph().getDocString());
        Map<String, String> metadata = model.getMetadataPropsList().stream()
                .collect(Collectors.toMap(
                        OnnxMl.StringStringEntryProto::getKey, OnnxMl.StringStringEntryProto::getValue));
        assertEquals(Map.of(ModelFile.SPEC, spec.toJson(), "elbo.part", "decoder", "elbo.data", "none"), metadata);
    }

    @Test
    void whatNeedsMoreThanOneFileIsRefused() {
        float[] values = new float[1 << 20];
        Message large = new Message();
        for (int i = 0; i < 512; i++) {
            large.rawFloats(9, values);
        }
        assertEquals(512 * ((4L << 20) + 5), large.size());
        Path file = folder.resolve("large.onnx");
        refused(() -> OnnxExport.requireSize(file, large.size()), file.toString(), "2147486208 bytes", "apart");
        OnnxExport.requireSize(file, OnnxExport.LARGEST);
    }

    @Test
    void whatCannotBeWrittenLeavesNothing() throws Exception {
        OnnxExport export = OnnxExport.of(
                new Exported(spec(Activation.TANH, Likelihood.BERNOULLI, true)).model, OnnxExport.Part.WHOLE);
        Path missing = folder.resolve("missing").resolve("model.onnx");
        fails(ElboException.Kind.IO, () -> export.write(missing), missing.toString());
        fails(ElboException.Kind.IO, () -> export.write(folder), folder.toString());
        try (var left = Files.list(folder)) {
            assertEquals(0, left.count());
        }
    }

    /** Pieces larger and smaller than the writer's chunk, and at odd places in it. */
    @Test
    void longTextsAndTensorsKeepTheirBytes() throws Exception {
        VaeSpec spec = VaeSpec.mlp(301, List.of(97), 3, Activation.RELU, Likelihood.BERNOULLI, true);
        Exported exported = new Exported(spec);
        String text = "é☃".repeat(40_001);
        OnnxExport export = OnnxExport.of(
                new dev.elbo.net.StoredModel(spec, exported.model.tensors(), Map.of("note", text)),
                OnnxExport.Part.WHOLE);
        OnnxMl.ModelProto model = OnnxMl.ModelProto.parseFrom(OnnxFiles.bytes(folder, export));
        assertEquals(text, model.getMetadataProps(2).getValue());
        Map<String, SafeTensors.Entry> weights = exported.model.tensors();
        model.getGraph().getInitializerList().stream()
                .filter(tensor -> weights.containsKey(tensor.getName()))
                .forEach(tensor -> assertArrayEquals(
                        weights.get(tensor.getName()).values(), OnnxFiles.values(tensor), tensor.getName()));
        assertTrue(weights.containsKey("encoder.0.weight"));
    }
}
