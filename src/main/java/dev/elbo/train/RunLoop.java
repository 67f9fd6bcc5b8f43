package dev.elbo.train;

import dev.elbo.error.ElboException;
import dev.elbo.error.Interruption;
import java.util.List;
import java.util.concurrent.CancellationException;

/** Advances a run to its end, saves it on the way, and goes back where a value is not finite. */
final class RunLoop {
    /** The most rollbacks: afterwards the learning rate is a 32nd, and another failure has another cause. */
    private static final int MAX_ROLLBACKS = 5;

    private final RunResources memory;
    private final TrainingState state;
    private final TrainingOptions options;
    private final TrainingListener listener;
    private final Checkpointer saver;

    /** @param saver null for a run that is not saved */
    RunLoop(
            RunResources memory,
            TrainingState state,
            TrainingOptions options,
            TrainingListener listener,
            Checkpointer saver) {
        this.memory = memory;
        this.state = state;
        this.options = options;
        this.listener = listener;
        this.saver = saver;
    }

    /**
     * Returns whether the listener has stopped the run; throws what an interrupt is told by, once the run is saved.
     *
     * @param notes told before the first step
     */
    boolean run(List<String> notes) {
        if (saver != null) {
            saver.begin();
        }
        notes.forEach(listener::onNote);
        // members of a group must agree on the end, and one that is interrupted leaves the others
        boolean alone = memory.shards.isAll();
        boolean stopped = false;
        CancellationException interrupted = null;
        for (boolean atEnd = false; !atEnd; ) {
            try {
                stopped = alone && interrupted == null && !state.isFinished() && listener.shouldStop();
                boolean last = stopped || interrupted != null || state.isFinished();
                if (!last) {
                    Interruption.throwIfInterrupted("training");
                    state.advance(listener);
                }
                if (saver != null) {
                    saver.save(last, memory.steps.perEpoch());
                }
                atEnd = last;
            } catch (NotFinite failure) {
                recover(failure);
            } catch (CancellationException asked) {
                if (!alone) {
                    throw asked;
                }
                interrupted = asked;
            }
        }
        if (interrupted != null) {
            throw interrupted;
        }
        return stopped;
    }

    private void recover(NotFinite failure) {
        int halvings = state.rollbacks();
        if (options.onNan() == OnNan.STOP || halvings == MAX_ROLLBACKS) {
            boolean diagnosed = saver != null && memory.shards.isAll() && options.localSteps() == 1;
            String where = diagnosed ? NumericDiagnosis.of(memory.steps, failure.step, state, saver, listener) : "";
            throw ElboException.numeric(failure.getMessage() + where + "; lower the learningRate"
                    + (halvings == 0 ? "" : " (it was halved " + halvings + " times already)")
                    + ", or look for extreme values in the data");
        }
        if (saver != null) {
            state.restore(saver.newest(), halvings + 1);
        } else {
            state.restart(halvings + 1);
        }
        listener.onRollback(
                failure.getMessage() + "; back to step " + state.step() + ", with " + Math.scalb(1.0, -halvings - 1)
                        + " of the learning rate",
                state.epochs());
    }
}
