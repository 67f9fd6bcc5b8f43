package dev.elbo.cuda.driver;

import java.nio.file.Path;
import java.util.List;
import jcuda.driver.JCudaDriver;

/** A program that looks for the driver in a folder beyond the loader's path, and says where it was found. */
public final class DriverBeyond {
    private DriverBeyond() {}

    public static void main(String[] folders) {
        Natives.Verdict verdict = Natives.sharedDriver(List.of(Path.of(folders[0])));
        if (!verdict.loaded()) {
            throw new IllegalStateException(verdict.problem());
        }
        int[] count = new int[1];
        JCudaDriver.cuInit(0);
        JCudaDriver.cuDeviceGetCount(count);
        System.out.println(count[0] + " device, driver from " + verdict.source());
    }
}
