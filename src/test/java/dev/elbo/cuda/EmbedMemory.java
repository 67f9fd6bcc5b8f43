package dev.elbo.cuda;

import static dev.elbo.cuda.EmbedBackend.succeed;

import java.util.ArrayList;
import java.util.List;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/** A context of plain JCuda with its streams and memory. */
final class EmbedMemory implements AutoCloseable {
    private final CUcontext context = new CUcontext();
    private final List<CUstream> streams = new ArrayList<>();
    private final List<CUdeviceptr> allocations = new ArrayList<>();

    EmbedMemory() {
        this(0);
    }

    EmbedMemory(int ordinal) {
        succeed(JCudaDriver.cuInit(0));
        CUdevice device = new CUdevice();
        succeed(JCudaDriver.cuDeviceGet(device, ordinal));
        succeed(JCudaDriver.cuCtxCreate(context, 0, device));
    }

    CUcontext context() {
        return context;
    }

    void makeCurrent() {
        succeed(JCudaDriver.cuCtxSetCurrent(context));
    }

    CUstream stream() {
        CUstream stream = new CUstream();
        succeed(JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
        streams.add(stream);
        return stream;
    }

    private CUdeviceptr bytes(long count) {
        CUdeviceptr memory = new CUdeviceptr();
        succeed(JCudaDriver.cuMemAlloc(memory, count));
        allocations.add(memory);
        return memory;
    }

    /** Zeros. */
    CUdeviceptr floats(int count) {
        return of(new float[count]);
    }

    CUdeviceptr of(float[] values) {
        CUdeviceptr memory = bytes(4L * values.length);
        succeed(JCudaDriver.cuMemcpyHtoD(memory, Pointer.to(values), 4L * values.length));
        return memory;
    }

    CUdeviceptr ints(int... values) {
        CUdeviceptr memory = bytes(4L * values.length);
        succeed(JCudaDriver.cuMemcpyHtoD(memory, Pointer.to(values), 4L * values.length));
        return memory;
    }

    float[] read(CUdeviceptr memory, int count) {
        float[] values = new float[count];
        succeed(JCudaDriver.cuMemcpyDtoH(Pointer.to(values), memory, 4L * count));
        return values;
    }

    int[] readInts(CUdeviceptr memory, int count) {
        int[] values = new int[count];
        succeed(JCudaDriver.cuMemcpyDtoH(Pointer.to(values), memory, 4L * count));
        return values;
    }

    void synchronize() {
        succeed(JCudaDriver.cuCtxSynchronize());
    }

    void free(CUdeviceptr memory) {
        allocations.remove(memory);
        succeed(JCudaDriver.cuMemFree(memory));
    }

    /** To be called while the context is current. */
    @Override
    public void close() {
        allocations.forEach(memory -> succeed(JCudaDriver.cuMemFree(memory)));
        streams.forEach(stream -> succeed(JCudaDriver.cuStreamDestroy(stream)));
        succeed(JCudaDriver.cuCtxDestroy(context));
    }
}
