package dev.elbo.cuda;

import dev.elbo.backend.RawOps;
import dev.elbo.backend.SerialBackend;
import dev.elbo.backend.UploadBuffers;
import dev.elbo.cuda.driver.Address;
import dev.elbo.cuda.embed.ElboKernels;
import dev.elbo.cuda.embed.ElboKernels.Validation;
import dev.elbo.tensor.Buffer;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/**
 * A program with context, stream, memory and graphs of its own by plain JCuda, behind the face of a backend, so that the table
 * of operations can be run on its single kernels. What {@code cuda.embed} does not have is refused.
 */
final class EmbedBackend extends SerialBackend {
    private final CUcontext context = new CUcontext();
    private final CUstream stream = new CUstream();
    private final TreeMap<Long, CUdeviceptr> allocations = new TreeMap<>();
    private final ElboKernels kernels;

    EmbedBackend(Validation validation) {
        succeed(JCudaDriver.cuInit(0));
        CUdevice device = new CUdevice();
        succeed(JCudaDriver.cuDeviceGet(device, 0));
        succeed(JCudaDriver.cuCtxCreate(context, 0, device));
        succeed(JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
        kernels = ElboKernels.load(validation);
    }

    static void succeed(int code) {
        if (code != 0) {
            throw new AssertionError("JCuda returned " + code);
        }
    }

    ElboKernels kernels() {
        return kernels;
    }

    CUstream stream() {
        return stream;
    }

    /** The pointer of a tensor's first element; null for null. */
    CUdeviceptr pointer(Tensor tensor) {
        if (tensor == null) {
            return null;
        }
        long address = CudaBuffer.address(tensor);
        Map.Entry<Long, CUdeviceptr> allocation = allocations.floorEntry(address);
        return allocation.getValue().withByteOffset(address - allocation.getKey());
    }

    @Override
    public String name() {
        return "embed";
    }

    @Override
    public String description() {
        return "single kernels in a program of JCuda's";
    }

    @Override
    public double unitRoundoff() {
        return 0x1p-24;
    }

    @Override
    public Buffer allocate(ElementType type, long size) {
        CUdeviceptr memory = new CUdeviceptr();
        succeed(JCudaDriver.cuMemAlloc(memory, size * CudaBuffer.bytes(type)));
        succeed(JCudaDriver.cuMemsetD8(memory, (byte) 0, size * CudaBuffer.bytes(type)));
        long address = Address.of(memory);
        allocations.put(address, memory);
        return new CudaBuffer(type, size, open, address, new Plain(memory));
    }

    private final class Plain implements CudaBuffer.Transfers {
        private final CUdeviceptr memory;

        Plain(CUdeviceptr memory) {
            this.memory = memory;
        }

        private void copy(ElementType type, long at, int from, int count, Object array, boolean in) {
            long bytes = CudaBuffer.bytes(type);
            CUdeviceptr device = memory.withByteOffset(at * bytes);
            ByteBuffer host = EmbedMemory.direct(count);
            synchronize();
            if (in) {
                if (array instanceof int[] ints) {
                    host.asIntBuffer().put(ints, from, count);
                } else {
                    host.asFloatBuffer().put((float[]) array, from, count);
                }
                succeed(JCudaDriver.cuMemcpyHtoD(device, Pointer.to(host), count * bytes));
            } else {
                succeed(JCudaDriver.cuMemcpyDtoH(Pointer.to(host), device, count * bytes));
                if (array instanceof int[] ints) {
                    host.asIntBuffer().get(ints, from, count);
                } else {
                    host.asFloatBuffer().get((float[]) array, from, count);
                }
            }
        }

        @Override
        public void copyIn(ElementType type, long at, Object source, int from, int count) {
            if (source instanceof double[] doubles) {
                float[] floats = new float[count];
                for (int i = 0; i < count; i++) {
                    floats[i] = (float) doubles[from + i];
                }
                copy(type, at, 0, count, floats, true);
            } else {
                copy(type, at, from, count, source, true);
            }
        }

        @Override
        public void copyOut(ElementType type, long at, Object target, int to, int count) {
            if (target instanceof double[] doubles) {
                float[] floats = new float[count];
                copy(type, at, 0, count, floats, false);
                for (int i = 0; i < count; i++) {
                    doubles[to + i] = floats[i];
                }
            } else {
                copy(type, at, to, count, target, false);
            }
        }

        @Override
        public void release() {
            allocations.remove(Address.of(memory));
            succeed(JCudaDriver.cuMemFree(memory));
        }
    }

    @Override
    protected RawOps raw() {
        return EmbedOps.of(this);
    }

    @Override
    protected Executable compile(Runnable[] commands) {
        succeed(JCudaDriver.cuStreamBeginCapture(stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_GLOBAL));
        for (Runnable command : commands) {
            command.run();
        }
        CUgraph graph = new CUgraph();
        succeed(JCudaDriver.cuStreamEndCapture(stream, graph));
        CUgraphExec executable = new CUgraphExec();
        succeed(JCudaDriver.cuGraphInstantiate(executable, graph, 0));
        succeed(JCudaDriver.cuGraphDestroy(graph));
        return new Executable() {
            @Override
            public void run() {
                succeed(JCudaDriver.cuGraphLaunch(executable, stream));
            }

            @Override
            public void release() {
                succeed(JCudaDriver.cuGraphExecDestroy(executable));
            }
        };
    }

    @Override
    public void synchronize() {
        succeed(JCudaDriver.cuStreamSynchronize(stream));
    }

    @Override
    public long freeMemory() {
        throw new UnsupportedOperationException("freeMemory");
    }

    @Override
    public int stepsPerProgram() {
        return 1;
    }

    @Override
    public UploadBuffers uploadBuffers(ElementType type, int rows, int cols) {
        throw new UnsupportedOperationException("uploadBuffers");
    }

    @Override
    protected void dispose() {
        kernels.close();
        succeed(JCudaDriver.cuStreamDestroy(stream));
        succeed(JCudaDriver.cuCtxDestroy(context));
    }
}
