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

    /** How many launches, products and copies it is made of. */
    public int nodes() {
        return nodes;
    }

    /** Puts all of it into the stream. */
    public void launch(Stream stream) {
        stream.launched(queue(stream), name);
    }

    private int queue(Stream stream) {
        try {
            return JCudaDriver.cuGraphLaunch(executable, stream.handle());
        } catch (CudaException e) {
            return Status.codeOf(e);
        }
    }

    @Override
    void free() {
        context.check(() -> JCudaDriver.cuGraphExecDestroy(executable), "cuGraphExecDestroy");
    }
}
