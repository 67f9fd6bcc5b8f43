package dev.elbo.cuda.driver;

import jcuda.CudaException;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.JCudaDriver;

/** Work captured once, to be launched many times. */
public final class Graph extends Resource {
    private final CUgraphExec executable = new CUgraphExec();
    private final String name;
    private final int nodes;

    /** Instantiates a captured graph and destroys it. */
    Graph(Context context, CUgraph captured, String name) {
        super(context);
        this.name = name;
        try {
            long[] count = new long[1];
            context.check(() -> JCudaDriver.cuGraphGetNodes(captured, null, count), "cuGraphGetNodes of " + name);
            this.nodes = Math.toIntExact(count[0]);
            context.check(
                    () -> JCudaDriver.cuGraphInstantiate(executable, captured, 0), "cuGraphInstantiate of " + name);
        } finally {
            Status.codeOf(() -> JCudaDriver.cuGraphDestroy(captured));
        }
        made();
    }

    /** {@return the number of its launches, products and copies} */
    public int nodes() {
        return nodes;
    }

    /** Queues all of it in the stream. */
    public void launch(Stream stream) {
        try {
            stream.launched(JCudaDriver.cuGraphLaunch(executable, stream.handle()), name);
        } catch (CudaException e) {
            stream.launched(Status.codeOf(e), name);
        }
    }

    @Override
    void free() {
        context.check(() -> JCudaDriver.cuGraphExecDestroy(executable), "cuGraphExecDestroy");
    }
}
