package dev.elbo.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.elbo.Backends;
import dev.elbo.analysis.DataPlacement;
import dev.elbo.backend.Backend;
import dev.elbo.cuda.HostDevice;
import dev.elbo.cuda.OnDevice;
import dev.elbo.data.Split;
import dev.elbo.error.ElboException;
import dev.elbo.model.VaeSpec;
import dev.elbo.objective.Objective;
import dev.elbo.objective.Objectives;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Shards on several CUDA devices have the bits of those on one. */
@OnDevice(hostOnly = true, checked = false)
class CudaShardsTest {
    private static final IntFunction<Backend> DEVICES = i -> Backends.open("cuda:" + i);

    @BeforeEach
    void pretendFour() {
        HostDevice.set("devices=4");
    }

    @Test
    void devicesDoNotDecideTheResult() {
        Split split = Split.of(ShardsTest.data(53), ShardsTest.data(20));
        for (Objective objective : List.of(Objectives.iwae(3), Objectives.constrainedKl(1))) {
            VaeSpec spec = ShardsTest.spec(objective, false);
            TrainingOptions options = ShardsTest.options(4).epochs(1).build();
            ShardsTest.Result one = ShardsTest.train(DEVICES, 1, split, spec, objective, options);
            for (int devices : new int[] {2, 3}) {
                ShardsTest.train(DEVICES, devices, split, spec, objective, options)
                        .requireEquals(one);
            }
            TrainingOptions streamed =
                    options.toBuilder().dataPlacement(DataPlacement.STREAMED).build();
            ShardsTest.train(DEVICES, 4, split, spec, objective, streamed).requireEquals(one);
        }
    }

    /** The others wait for its gradients, and must not for ever. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aDeviceThatFailsEndsTheRun() {
        Split split = Split.of(ShardsTest.data(53), ShardsTest.data(20));
        VaeSpec spec = ShardsTest.spec(Objectives.vae(), false);
        TrainingOptions options = ShardsTest.options(4).epochs(100).build();
        HostDevice.failCall("cuGraphLaunch", 90, 719, false);
        ElboException failure = assertThrows(
                ElboException.class, () -> ShardsTest.train(DEVICES, 4, split, spec, Objectives.vae(), options));
        assertEquals(ElboException.Kind.DEVICE, failure.kind(), failure.getMessage());
        assertTrue(failure.getMessage().contains("cuda:"), failure.getMessage());
        // what cuBLAS has on a lost device cannot be given back
        HostDevice.reset();
    }
}
