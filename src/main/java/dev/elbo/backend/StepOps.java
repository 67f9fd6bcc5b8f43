package dev.elbo.backend;

import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;

/**
 * The operations around the passes of a training step: batch, KL weight, metrics, optimiser and counters; shapes and
 * conventions are those of {@link Ops}.
 */
public sealed interface StepOps extends CheckedOps permits Ops {
    /**
     * Gathers a batch from the data: {@code x[b] = scale · data[order[row + b]]}, row from the clock; with {@code
     * binarize}, 1 where a fresh uniform is below that value and 0 elsewhere.
     *
     * @param data N × D, UINT8 or REAL, dense
     * @param order row numbers of the data, 1 × at least row + B, INT32; optional: the rows as they are
     * @param clock its row is the start of the batch in the order
     * @param scale factor of a stored value
     * @param binarize source of the uniforms; optional
     * @param x B × D
     */
    default void gather(Tensor data, Tensor order, Clock clock, float scale, NoiseSource binarize, Tensor x) {
        Require require = checks().require("gather");
        require.open("data", data)
                .that(
                        data.type() == ElementType.UINT8 || data.type() == ElementType.REAL,
                        "data holds " + data.type() + ", not UINT8 or REAL")
                .dense("data", data)
                .clock(clock)
                .real("x", x, x.rows(), data.cols())
                .that(order != null || x.rows() <= data.rows(), "x has " + x.rows() + " rows, more than data has")
                .requireDisjoint("x", x, data, binarize == null ? null : binarize.given());
        if (order != null) {
            require.typed("order", order, ElementType.INT32, 1, order.cols())
                    .that(order.cols() >= x.rows(), "x has " + x.rows() + " rows, more than order has numbers");
        }
        if (binarize != null) {
            require.noise(binarize, x.rows(), x.cols());
        }
        checks().submit(checks().raw().step().gather(data, order, clock, scale, binarize, x));
    }

    /**
     * Computes the share of these rows in the mean of a quantity over a batch, {@code Σ value / rows}, summed in float64. The
     * shares of all shards of a batch add up to its mean.
     *
     * @param value n × 1
     * @param rows of the whole batch, at least n
     * @param mean 1 × 1, FLOAT64
     */
    default void rowMean(Tensor value, int rows, Tensor mean) {
        checks().require("rowMean")
                .column("value", value, value.rows())
                .that(rows >= value.rows(), "rows is " + rows + ", fewer than the " + value.rows() + " of value")
                .typed("mean", mean, ElementType.FLOAT64, 1, 1);
        checks().submit(checks().raw().step().rowMean(value, rows, mean));
    }

    /**
     * Adds the shards of a batch in a fixed binary tree, element by element: neighbours in pairs, of which an odd last one passes
     * up, until one is left. The sum of S shards depends on their order alone, and not on who computed them.
     *
     * @param parts S × n, REAL or FLOAT64, dense
     * @param total 1 × n, of the same type
     */
    default void sumShards(Tensor parts, Tensor total) {
        checks().require("sumShards")
                .open("parts", parts)
                .that(
                        parts.type() == ElementType.REAL || parts.type() == ElementType.FLOAT64,
                        "parts holds " + parts.type() + ", not REAL or FLOAT64")
                .dense("parts", parts)
                .typed("total", total, parts.type(), 1, parts.cols())
                .requireDisjoint("total", total, parts);
        checks().submit(checks().raw().step().sumShards(parts, total));
    }

    /**
     * Sets the weight of the KL divergence, β in the schedule's row, from the mean {@code v} of a constrained quantity
     * over the batch. For {@link KlWeighting#MULTIPLIER} (Rezende and Viola 2018, algorithm 1, in log space) the state
     * keeps log β and a moving average c of the violation {@code v − target}: {@code c = 0.9 c + 0.1 (v − target)}, at
     * first {@code v − target}; then {@code log β += rate · clamp(c, −10, 10)} within {@link KlWeighting#LOG_LIMIT}. A
     * positive rate suits a bound on the KL divergence, a negative one a bound on the reconstruction. For {@link
     * KlWeighting#CAPACITY} (Burgess et al. 2018, eq. 8) {@code β = rate · sign(v − target)}.
     *
     * @param mean of the quantity over the batch, {@link #rowMean}, 1 × 1, FLOAT64
     * @param weighting the rule for the weight
     * @param targets a target for each row of the schedule, steps × 1, dense
     * @param rate of the multiplier's logarithm in 1 / nat, or the weight of |KL − capacity|
     * @param state log β, c, and whether c is there (1, or 0 before the first step), 1 × 3, FLOAT64; only read and
     *     written for a multiplier
     * @param schedule its β is written
     */
    default void klWeight(
            Tensor mean, KlWeighting weighting, Tensor targets, double rate, Tensor state, Schedule schedule) {
        checks().require("klWeight")
                .typed("mean", mean, ElementType.FLOAT64, 1, 1)
                .schedule(schedule)
                .column("targets", targets, schedule.table().rows())
                .typed("state", state, ElementType.FLOAT64, 1, KlWeighting.STATE)
                .requireDisjoint("state", mean, targets, schedule.table());
        checks().submit(checks().raw().step().klWeight(mean, weighting, targets, rate, state, schedule));
    }

    /**
     * Writes the step's row of {@link Metrics}, means in float64: the reconstruction over its rows, the KL divergence
     * over its rows, as loss {@code reconstruction + β klTerm}, or {@code −bound} where one is given, and β.
     *
     * @param reconstruction n × 1
     * @param kl n × 1; optional: 0
     * @param klTerm n × 1, what stands in the loss in place of the KL divergence; optional: the KL divergence
     * @param bound n × 1; optional
     * @param outputLogVar 1 × 1; optional
     * @param schedule β, and the clock whose slot is the row of the table
     * @param table steps × {@link Metrics#COLUMNS}, FLOAT64, dense
     */
    default void stepMetrics(
            Tensor reconstruction,
            Tensor kl,
            Tensor klTerm,
            Tensor bound,
            Tensor outputLogVar,
            Schedule schedule,
            Tensor table) {
        checks().require("stepMetrics")
                .column("reconstruction", reconstruction, reconstruction.rows())
                .optionalColumn("kl", kl, kl == null ? 0 : kl.rows())
                .optionalColumn("klTerm", klTerm, klTerm == null ? 0 : klTerm.rows())
                .optionalColumn("bound", bound, bound == null ? 0 : bound.rows())
                .optional("outputLogVar", outputLogVar, 1, 1)
                .schedule(schedule)
                .typed("table", table, ElementType.FLOAT64, table.rows(), Metrics.COLUMNS)
                .dense("table", table);
        checks().submit(checks().raw()
                .step()
                .stepMetrics(reconstruction, kl, klTerm, bound, outputLogVar, schedule, table));
    }

    /**
     * Applies one step of Adam (Kingma and Ba 2015, algorithm 1), with {@code m += (1 − β₁)(g − m)}, {@code v += (1 −
     * β₂)(g² − v)}, {@code p −= stepSize · m / (√v · secondMomentScale + ε)}, the last two factors from the schedule.
     *
     * @param parameters 1 × n
     * @param gradient 1 × n
     * @param m first moment, 1 × n
     * @param v second moment, 1 × n
     * @param schedule its clock tells the row of the step
     * @param settings decays and ε
     */
    default void adam(
            Tensor parameters, Tensor gradient, Tensor m, Tensor v, Schedule schedule, AdamSettings settings) {
        int n = parameters.cols();
        checks().require("adam")
                .real("parameters", parameters, 1, n)
                .real("gradient", gradient, 1, n)
                .real("m", m, 1, n)
                .real("v", v, 1, n)
                .schedule(schedule)
                .requireDisjoint("parameters", parameters, gradient, m, v, schedule.table())
                .requireDisjoint("m", m, gradient, v, schedule.table())
                .requireDisjoint("v", v, gradient, schedule.table());
        checks().submit(checks().raw().step().adam(parameters, gradient, m, v, schedule, settings));
    }

    /**
     * Adds to the clock's counters.
     *
     * @param clock read and written
     * @param step added to {@link Clock#STEP}
     * @param row added to {@link Clock#ROW}
     * @param slot added to {@link Clock#SLOT}
     * @param sample added to {@link Clock#SAMPLE}
     */
    default void advance(Clock clock, int step, int row, int slot, int sample) {
        checks().require("advance").clock(clock);
        checks().submit(checks().raw().step().advance(clock, step, row, slot, sample));
    }
}
