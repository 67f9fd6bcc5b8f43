package dev.elbo.cuda.driver;

import dev.elbo.error.ElboException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * A GPU as the driver describes it.
 *
 * @param ordinal its number
 * @param name its model
 * @param major compute capability
 * @param minor compute capability
 * @param multiprocessors their number
 * @param memory bytes in all
 */
public record Device(int ordinal, String name, int major, int minor, int multiprocessors, long memory) {
    /**
     * Lists the devices of this machine that the process may see.
     *
     * @throws ElboException unavailable, if there is no driver, naming the library, or if it does not start
     */
    public static List<Device> all() {
        Natives.requireDriver();
        int started = Status.codeOf(() -> JCudaDriver.cuInit(0));
        if (started == CUresult.CUDA_ERROR_NO_DEVICE) {
            return List.of();
        }
        Status.check(started, "cuInit");
        return IntStream.range(0, Status.number(JCudaDriver::cuDeviceGetCount, "cuDeviceGetCount"))
                .mapToObj(Device::describe)
                .toList();
    }

    /** The device of the calling thread's current context. */
    static Device current() {
        CUdevice handle = new CUdevice();
        Status.check(() -> JCudaDriver.cuCtxGetDevice(handle), "cuCtxGetDevice");
        return all().stream()
                .filter(device -> handle(device.ordinal).equals(handle))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalStateException("the current context's device is not one of the driver's"));
    }

    private static Device describe(int ordinal) {
        CUdevice device = handle(ordinal);
        byte[] name = new byte[256];
        Status.check(() -> JCudaDriver.cuDeviceGetName(name, name.length, device), "cuDeviceGetName");
        long[] memory = new long[1];
        Status.check(() -> JCudaDriver.cuDeviceTotalMem(memory, device), "cuDeviceTotalMem");
        return new Device(
                ordinal,
                new String(name, StandardCharsets.UTF_8).split("\0", 2)[0],
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
                memory[0]);
    }

    private static int attribute(CUdevice device, int attribute) {
        return Status.number(
                value -> JCudaDriver.cuDeviceGetAttribute(value, attribute, device), "cuDeviceGetAttribute");
    }

    /** {@return the newest CUDA version that the driver supports, such as "13.0"} */
    public static String driverVersion() {
        int version = Status.number(JCudaDriver::cuDriverGetVersion, "cuDriverGetVersion");
        return version / 1000 + "." + version % 1000 / 10;
    }

    /** {@return its number and model, such as "cuda:0 (NVIDIA H200)"} */
    public String label() {
        return "cuda:" + ordinal + " (" + name + ")";
    }

    /** {@return its compute capability, such as "9.0"} */
    public String capability() {
        return major + "." + minor;
    }

    static CUdevice handle(int ordinal) {
        CUdevice device = new CUdevice();
        Status.check(() -> JCudaDriver.cuDeviceGet(device, ordinal), "cuDeviceGet");
        return device;
    }
}
