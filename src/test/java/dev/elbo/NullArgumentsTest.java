package dev.elbo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.AdamSettings;
import dev.elbo.backend.Backend;
import dev.elbo.backend.Precision;
import dev.elbo.data.CsvOptions;
import dev.elbo.data.Dataset;
import dev.elbo.data.ReadOptions;
import dev.elbo.data.Split;
import dev.elbo.model.Activation;
import dev.elbo.model.Component;
import dev.elbo.model.Convolution;
import dev.elbo.model.FeatureMap;
import dev.elbo.model.Likelihood;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.ImportOptions;
import dev.elbo.net.ModelImport;
import dev.elbo.net.StoredModel;
import dev.elbo.net.Vae;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import dev.elbo.onnx.Affine;
import dev.elbo.onnx.OnnxExport;
import dev.elbo.serve.OutputDraws;
import dev.elbo.serve.VaeService;
import dev.elbo.serve.VaeServiceTest;
import dev.elbo.train.CheckpointRule;
import dev.elbo.train.KlWeight;
import dev.elbo.train.LearningRate;
import dev.elbo.train.RunFolder;
import dev.elbo.train.Trainer;
import dev.elbo.train.TrainingListener;
import dev.elbo.train.TrainingOptions;
import dev.elbo.train.TrainingRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A null argument of what programs call is told by its name. */
class NullArgumentsTest {
    @TempDir
    private Path folder;

    @Test
    void ofTrainingAndServing() throws Exception {
        Path model = VaeServiceTest.model(folder);
        Dataset data = Dataset.of("rows", new float[12], 2);
        VaeSpec spec = VaeSpec.builder(2).hidden(2).latent(1).build();
        try (Backend backend = Backends.open("reference");
                Trainer trainer = Trainer.builder(backend, spec, Split.of(data)).build();
                RunFolder run = RunFolder.open(folder.resolve("run"));
                VaeService service =
                        VaeService.builder(model).backend("reference").build()) {
            Map<Class<?>, Object> values = new HashMap<>();
            values.put(Path.class, folder);
            values.put(Duration.class, Duration.ZERO);
            values.put(Consumer.class, (Consumer<String>) line -> {});
            values.put(float[].class, new float[100]);
            values.put(float[][].class, new float[1][100]);
            values.put(double[].class, new double[100]);
            values.put(double[][].class, new double[1][100]);
            values.put(byte[].class, Files.readAllBytes(model));
            values.put(int[].class, new int[] {1});
            values.put(Stream.class, Stream.empty());
            values.put(Map.class, Map.of());
            values.put(List.class, List.of(2));
            values.put(Optional.class, Optional.empty());
            values.put(JsonObject.class, new JsonObject());
            values.put(Backend.class, backend);
            values.put(Backends.Builder.class, Backends.builder("reference"));
            values.put(Dataset.class, data);
            values.put(Split.class, Split.of(data));
            values.put(ReadOptions.class, ReadOptions.DEFAULT);
            values.put(CsvOptions.class, CsvOptions.DEFAULT);
            values.put(VaeSpec.class, spec);
            values.put(ImportOptions.class, ImportOptions.of(Activation.RELU, Likelihood.GAUSSIAN));
            values.put(FeatureMap.class, new FeatureMap(2, 1, 1));
            values.put(Convolution[].class, new Convolution[0]);
            values.put(Component.class, Likelihood.GAUSSIAN);
            values.put(Activation.class, Activation.RELU);
            values.put(Objective.class, Objectives.vae());
            values.put(LearningRate.class, LearningRate.constant(1));
            values.put(KlWeight.class, KlWeight.constant(1));
            values.put(CheckpointRule.class, CheckpointRule.AUTO);
            values.put(TrainingListener.class, TrainingListener.NONE);
            values.put(TrainingOptions.class, TrainingOptions.builder().build());
            values.put(OptionalInt.class, OptionalInt.empty());
            values.put(AdamSettings.class, AdamSettings.DEFAULT);
            values.put(DataPlacement.class, DataPlacement.AUTO);
            values.put(StoredModel.class, StoredModel.read(model));
            values.put(VaeService.class, service);
            values.put(OutputDraws.class, service.outputDraws(0));
            values.put(VaeService.Builder.class, VaeService.builder(model));
            values.put(Affine.class, new Affine(new double[] {0}, new double[] {1}));
            values.put(OnnxExport.class, OnnxExport.of(StoredModel.read(model), OnnxExport.Part.DECODER));
            values.put(Vae.class, trainer.vae());
            values.put(Trainer.class, trainer);
            values.put(Trainer.Builder.class, Trainer.builder(backend, spec, Split.of(data)));
            values.put(TrainingOptions.Builder.class, TrainingOptions.builder());
            values.put(VaeSpec.Builder.class, VaeSpec.builder(2));
            values.put(RunFolder.class, run);
            values.put(TrainingRun.class, TrainingRun.builder(trainer, run).build());
            values.put(TrainingRun.Builder.class, TrainingRun.builder(trainer, run));
            NullArguments nulls = new NullArguments(values)
                    .of(
                            Backends.class,
                            Backends.Builder.class,
                            Precision.class,
                            VaeService.class,
                            VaeService.Builder.class,
                            OutputDraws.class,
                            Trainer.class,
                            Trainer.Builder.class,
                            Objectives.class,
                            TrainingOptions.class,
                            TrainingOptions.Builder.class,
                            TrainingRun.class,
                            TrainingRun.Builder.class,
                            RunFolder.class,
                            CheckpointRule.class,
                            VaeSpec.class,
                            VaeSpec.Builder.class,
                            Split.class,
                            StoredModel.class,
                            ImportOptions.class,
                            ModelImport.class,
                            OnnxExport.class);
            assertEquals("", nulls.problems());
            assertTrue(nulls.calls() > 40, nulls.calls() + " calls");
        }
    }
}
