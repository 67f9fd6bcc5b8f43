package dev.elbo.cuda;

import dev.elbo.backend.ProgramCounts;

/** {@link ProgramCounts} that grow; as plain numbers, so that a replay makes no garbage. */
final class Counts {
    private long launches;
    private long planned;
    private long criticalPathNodes;
    private long joins;

    void add(ProgramCounts made) {
        launches += made.launches();
        planned += made.planned();
        criticalPathNodes += made.criticalPathNodes();
        joins += made.joins();
    }

    ProgramCounts soFar() {
        return new ProgramCounts(launches, planned, criticalPathNodes, joins);
    }
}
