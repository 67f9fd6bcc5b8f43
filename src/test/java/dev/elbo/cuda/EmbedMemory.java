package dev.elbo.cuda;

import static dev.elbo.cuda.EmbedBackend.succeed;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

    /** Room for so many words outside of the Java heap, where a copy holds up no garbage collector. */
    static ByteBuffer direct(int words) {
        return ByteBuffer.allocateDirect(4 * words).order(ByteOrder.nativeOrder());
    }

    private CUdeviceptr copyOf(ByteBuffer values) {
        CUdeviceptr memory = bytes(values.capacity());
        succeed(JCudaDriver.cuMemcpyHtoD(memory, Pointer.to(values), values.capacity()));
        return memory;
    }

    CUdeviceptr of(float[] values) {
        ByteBuffer buffer = direct(values.length);
        buffer.asFloatBuffer().put(values);
        return copyOf(buffer);
    }

    CUdeviceptr ints(int... values) {
        ByteBuffer buffer = direct(values.length);
        buffer.asIntBuffer().put(values);
        return copyOf(buffer);
    }

    private static ByteBuffer copyOf(CUdeviceptr memory, int count) {
        ByteBuffer buffer = direct(count);
        succeed(JCudaDriver.cuMemcpyDtoH(Pointer.to(buffer), memory, buffer.capacity()));
        return buffer;
    }

    float[] read(CUdeviceptr memory, int count) {
        float[] values = new float[count];
        copyOf(memory, count).asFloatBuffer().get(values);
        return values;
    }

    int[] readInts(CUdeviceptr memory, int count) {
        int[] values = new int[count];
        copyOf(memory, count).asIntBuffer().get(values);
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
