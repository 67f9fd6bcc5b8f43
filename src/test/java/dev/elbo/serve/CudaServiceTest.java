package dev.elbo.serve;

import dev.elbo.cuda.OnDevice;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Services whose replicas are on a device. */
@OnDevice(checked = false)
class CudaServiceTest {
    @TempDir
    private Path folder;

    @Test
    void manyThreadsGetTheAnswersOfOneReplica() throws Exception {
        VaeServiceTest.manyThreadsGetTheAnswersOfOne(VaeServiceTest.model(folder), "cuda", 2, 4);
    }

    @Test
    void rowsDoNotSeeTheirNeighbours() {
        VaeServiceTest.rowsDoNotSeeTheirNeighbours(VaeServiceTest.model(folder), "cuda");
    }

    @Test
    void viewsDoNotSeeEachOther() throws Exception {
        ServiceClassesTest.viewsDoNotSeeEachOther(ServiceClassesTest.model(folder), "cuda", 2);
    }
}
