package dev.elbo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Names that gave way to the terms of the field do not come back to their old places. */
class RetiredNamesTest {
    private static final Set<String> TYPES = Set.of(
            "analysis.Inputs",
            "analysis.Scores$Kind",
            "backend.Feed",
            "backend.Finding",
            "backend.Yardstick",
            "bench.Growth",
            "bench.Rehearsal",
            "cli.UnitOptions",
            "cuda.Branches",
            "cuda.Call",
            "cuda.Extent",
            "cuda.Lane",
            "cuda.Launches",
            "cuda.Nodes",
            "cuda.Request",
            "cuda.driver.Precision",
            "cuda.embed.Questions",
            "objective.KlControl$Bounded",
            "objective.Steering",
            "report.Findings",
            "serve.VaeServiceBuilder",
            "tensor.Owned",
            "train.Checkpoints",
            "train.EpochEnd",
            "train.RunMemory",
            "train.RunSaver",
            "train.TrainerBuilder");

    /** By type and method. */
    private static final Set<String> METHODS = Set.of(
            "Backends.choose",
            "Backends.oracle",
            "Backends.cudaProblem",
            "analysis.DataSource.examples",
            "analysis.Evaluator.rehearse",
            "analysis.MarginalLikelihood$Progress.goOn",
            "analysis.Pass.used",
            "analysis.Scores.of",
            "backend.Backend.feed",
            "backend.Backend.yardstick",
            "data.CsvOptions.with",
            "data.CsvOptions.withIgnored",
            "data.CsvOptions.withLabel",
            "data.Dataset.examples",
            "data.ReadOptions.with",
            "data.Split.withTest",
            "data.Split.withValidation",
            "data.Split.withoutTest",
            "backend.ProgramCounts.depth",
            "bench.StepResult$Launches.depth",
            "cli.TrainCommand.tell",
            "cost.CountedOps.tell",
            "cuda.GraphScheduler.depth",
            "cuda.GraphScheduler.heights",
            "cuda.GraphScheduler.queue",
            "cuda.GraphScheduler$ListScheduler.isNews",
            "cuda.embed.DeviceSchedule.plan",
            "cuda.embed.ElboKernels.checked",
            "cuda.embed.ReconstructionLoss.run",
            "data.Standardization.undo",
            "error.Interruption.stopIfAsked",
            "objective.KlControl.limit",
            "objective.KlControl.offset",
            "objective.KlControl.steers",
            "objective.KlControl.weigh",
            "serve.VaeService$Builder.batch",
            "serve.VaeService.draw",
            "serve.VaeService.score",
            "train.TrainingListener.stop",
            "train.TrainingOptions.batch",
            "train.TrainingOptions$Builder.batch",
            "train.TrainingResult.kept");

    private static final Pattern CONSTANTS = Pattern.compile(
            ".*\\.((MOST|LEAST|LONGEST)_.*|LONGEST|ROOM)"
                    + "|train\\.TrainingOptions\\.(EPOCHS|PATIENCE)|objective\\.Elbo\\.(PLAIN|STANDARD)|verify\\.Verification\\.SILENT");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.elbo");

    private static String name(JavaClass type) {
        return type.getName().substring("dev.elbo.".length());
    }

    @Test
    void theyDoNotComeBack() {
        Set<String> found = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            if (TYPES.contains(name(type))) {
                found.add(name(type));
            }
            for (JavaMethod method : type.getMethods()) {
                String full = name(type) + "." + method.getName();
                if (METHODS.contains(full)) {
                    found.add(full);
                }
            }
            for (JavaField field : type.getFields()) {
                String full = name(type) + "." + field.getName();
                if (CONSTANTS.matcher(full).matches()) {
                    found.add(full);
                }
            }
        }
        assertEquals(List.of(), List.copyOf(found));
    }
}
