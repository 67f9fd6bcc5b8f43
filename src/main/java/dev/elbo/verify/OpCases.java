package dev.elbo.verify;

import java.util.ArrayList;
import java.util.List;

/**
 * The table of cases: every operation with the shapes and options that reach its code paths. Parity, speed and listings
 * are modes of it; an operation without a row is not covered.
 *
 * @hidden
 */
public final class OpCases {
    private OpCases() {}

    /** {@return all cases, made anew, in the order of {@link dev.elbo.backend.Ops}' families} */
    public static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        cases.addAll(GatherCases.all());
        cases.addAll(DenseCases.all());
        cases.addAll(DenseGradCases.all());
        cases.addAll(ConvolutionCases.all());
        cases.addAll(ClassCases.all());
        cases.addAll(ColumnCases.all());
        cases.addAll(LatentCases.all());
        cases.addAll(LatentGradCases.all());
        cases.addAll(KlCases.all());
        cases.addAll(LossCases.all());
        cases.addAll(ShardCases.all());
        cases.addAll(WeightCases.all());
        cases.addAll(MetricsCases.all());
        cases.addAll(AdamCases.all());
        return List.copyOf(cases);
    }
}
