package dev.elbo.train;

import dev.elbo.error.ElboException;
import dev.elbo.io.SafeTensors;
import dev.elbo.net.Activations;
import dev.elbo.tensor.Arena;
import dev.elbo.tensor.Layout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;

/**
 * Finds the tensor in which a NaN or infinity first appeared. Steps are not checked while they run, so the run is
 * repeated from its last checkpoint to the step that failed, and checked there.
 */
final class NumericDiagnosis {
    private NumericDiagnosis() {}

    /** {@return words that extend the message} The run cannot be used afterwards. */
    static String of(
            TrainingSteps steps, long failed, TrainingState state, Checkpointer saver, TrainingListener listener) {
        try {
            state.restore(saver.newest(), state.rollbacks());
        } catch (ElboException e) {
            return "";
        }
        List<Activations> activations = List.of();
        while (state.step() < failed
                && !listener.shouldStop()
                && !Thread.currentThread().isInterrupted()) {
            activations = state.single();
        }
        if (activations.isEmpty() || state.step() < failed) {
            return "";
        }
        StringBuilder words = new StringBuilder();
        if (steps.vae.network().stochastic()) {
            DoubleSummaryStatistics logVar = activations.stream()
                    .flatMapToDouble(shard -> Arrays.stream(shard.logVar().toDoubles()))
                    .summaryStatistics();
            boolean finite = Double.isFinite(logVar.getMin()) && Double.isFinite(logVar.getMax());
            words.append("; log σ² of its codes is " + (finite ? "" : "not finite, "));
            words.append(logVar.getMin() + " to " + logVar.getMax());
        }
        List<String> broken = new ArrayList<>();
        Arena gradients = steps.gradients;
        for (String name : gradients.names()) {
            double[] values = gradients.tensor(name).toDoubles();
            if (new SafeTensors.Entry(new int[] {values.length}, values).firstNotFinite() >= 0) {
                broken.add(name);
            }
        }
        words.append("; ");
        if (broken.isEmpty()) {
            words.append("all gradients are finite");
        } else {
            words.append("the gradient of ").append(broken.get(0));
            words.append(broken.size() == 1 ? "" : " and " + (broken.size() - 1) + " more");
            words.append(" is not finite");
        }
        return words.toString();
    }

    /** Throws {@link NotFinite} for the first tensor of {@link StepTensors#tensors} that is not finite. */
    static void requireFinite(long step, Layout layout, Map<String, SafeTensors.Entry> tensors) {
        for (String kind : List.of(StepTensors.PARAMETERS, StepTensors.FIRST_MOMENT, StepTensors.SECOND_MOMENT)) {
            int at = tensors.get(kind).firstNotFinite();
            if (at >= 0) {
                String name = layout.slots().entrySet().stream()
                        .filter(slot -> slot.getValue().offset() <= at)
                        .reduce((first, second) -> second)
                        .orElseThrow()
                        .getKey();
                throw new NotFinite(
                        step,
                        kind.replace('_', ' ') + " of " + name + " is not finite after step " + step
                                + ", although the loss of that step is finite");
            }
        }
    }
}
