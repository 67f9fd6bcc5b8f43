package dev.elbo.cuda.driver;

import dev.elbo.error.ElboException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
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
    private static final String DIAGNOSE = "; run Backends.diagnose(0)";

    /**
     * The devices of this machine that the process may see.
     *
     * @throws ElboException unavailable, if there is no driver, naming the library, or if it does not start
     */
    public static List<Device> all() {
        Natives.Verdict driver = Natives.driver();
        if (!driver.loaded()) {
            throw ElboException.unavailable("no CUDA driver: " + driver.problem() + DIAGNOSE);
        }
        int started = Status.codeOf(() -> JCudaDriver.cuInit(0));
        if (started == CUresult.CUDA_ERROR_NO_DEVICE) {
            return List.of();
        }
        Status.check(started, "cuInit");
        int[] count = new int[1];
        Status.check(() -> JCudaDriver.cuDeviceGetCount(count), "cuDeviceGetCount");
        List<Device> devices = new ArrayList<>();
        for (int ordinal = 0; ordinal < count[0]; ordinal++) {
            devices.add(describe(ordinal));
        }
        return devices;
    }

    /** The device of the calling thread's current context. */
    static Device current() {
        CUdevice handle = new CUdevice();
        Status.check(() -> JCudaDriver.cuCtxGetDevice(handle), "cuCtxGetDevice");
        int[] count = new int[1];
        Status.check(() -> JCudaDriver.cuDeviceGetCount(count), "cuDeviceGetCount");
        for (int ordinal = 0; ordinal < count[0]; ordinal++) {
            if (handle(ordinal).equals(handle)) {
                return describe(ordinal);
            }
        }
        throw new IllegalStateException("the current context's device is none of the " + count[0] + " devices");
    }

    private static Device describe(int ordinal) {
        CUdevice device = handle(ordinal);
        byte[] name = new byte[256];
        Status.check(() -> JCudaDriver.cuDeviceGetName(name, name.length, device), "cuDeviceGetName");
        int length = 0;
        while (length < name.length && name[length] != 0) {
            length++;
        }
        long[] memory = new long[1];
        Status.check(() -> JCudaDriver.cuDeviceTotalMem(memory, device), "cuDeviceTotalMem");
        return new Device(
                ordinal,
                new String(name, 0, length, StandardCharsets.UTF_8),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
                memory[0]);
    }

    private static int attribute(CUdevice device, int attribute) {
        int[] value = new int[1];
        Status.check(() -> JCudaDriver.cuDeviceGetAttribute(value, attribute, device), "cuDeviceGetAttribute");
        return value[0];
    }

    /** "13.0": the newest CUDA that the driver knows. */
    public static String driverVersion() {
        int[] version = new int[1];
        Status.check(() -> JCudaDriver.cuDriverGetVersion(version), "cuDriverGetVersion");
        return version[0] / 1000 + "." + version[0] % 1000 / 10;
    }

    /** "cuda:0 (NVIDIA H200)". */
    public String label() {
        return "cuda:" + ordinal + " (" + name + ")";
    }

    /** "9.0". */
    public String capability() {
        return major + "." + minor;
    }

    CUdevice handle() {
        return handle(ordinal);
    }

    private static CUdevice handle(int ordinal) {
        CUdevice device = new CUdevice();
        Status.check(() -> JCudaDriver.cuDeviceGet(device, ordinal), "cuDeviceGet");
        return device;
    }
}
