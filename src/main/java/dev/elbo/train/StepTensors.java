package dev.elbo.train;

import dev.elbo.backend.Metrics;
import dev.elbo.data.Shards;
import dev.elbo.error.ElboException;
import dev.elbo.io.SafeTensors;
import dev.elbo.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tensors that later steps of a run depend on, as checkpoints hold them, read from its lanes and written to them. */
final class StepTensors {
    static final String PARAMETERS = "parameters";
    static final String FIRST_MOMENT = "first_moment";
    static final String SECOND_MOMENT = "second_moment";
    /** The name of the metrics of the current epoch's steps. */
    static final String METRICS = "metrics";

    static final String STEERING = "steering";

    private final List<Lane> lanes;
    private final Lane main;
    private final ShardRows rows;
    private final Shards shards;
    private final GroupExchange group;

    /** @param group gathers what other members have; null for a run of one process */
    StepTensors(List<Lane> lanes, ShardRows rows, Shards shards, GroupExchange group) {
        this.lanes = lanes;
        this.main = lanes.get(0);
        this.rows = rows;
        this.shards = shards;
        this.group = group;
    }

    /** Returns the rows of each shard, one shard after the other. */
    double[] metricsOfShards(int done) {
        int each = done * Metrics.COLUMNS;
        double[] own = new double[shards.width() * each];
        for (Lane lane : lanes) {
            for (int shard = lane.from; shard < lane.to; shard++) {
                Tensor table = lane.metrics(shard);
                table.buffer().read(table.offset(), own, (shard - shards.from()) * each, each);
            }
        }
        return shards.gather(own);
    }

    /** Allocates an array of the backend's precision, as long as all weights. */
    Object array() {
        int size = Math.toIntExact(main.parameters.flat().size());
        return isFloat() ? new float[size] : new double[size];
    }

    private boolean isFloat() {
        return main.backend.unitRoundoff() >= 0x1p-24;
    }

    /** Returns the weights, in the backend's precision. */
    SafeTensors.Entry weights() {
        Object values = array();
        main.parameters.flat().read(values);
        return entry(values);
    }

    private SafeTensors.Entry entry(Object values) {
        return new SafeTensors.Entry(
                new int[] {Math.toIntExact(main.parameters.flat().size())}, values);
    }

    /** Reads a moment, with what other members of a group have of it. */
    private SafeTensors.Entry readOwned(Tensor moment) {
        Object values = array();
        if (moment != null) {
            moment.buffer().read(moment.offset(), values, main.ownedFrom, main.ownedTo - main.ownedFrom);
        }
        if (!shards.isAll()) {
            group.gather(values);
        }
        return entry(values);
    }

    /** Returns all tensors that later steps depend on. */
    Map<String, SafeTensors.Entry> tensors(int done) {
        Map<String, SafeTensors.Entry> tensors = new LinkedHashMap<>();
        tensors.put(PARAMETERS, weights());
        tensors.put(FIRST_MOMENT, readOwned(main.firstMoment));
        tensors.put(SECOND_MOMENT, readOwned(main.secondMoment));
        if (done > 0) {
            tensors.put(METRICS, new SafeTensors.Entry(metricsShape(done), metricsOfShards(done)));
        }
        if (main.steering != null) {
            double[] state = main.steering.state().toDoubles();
            tensors.put(STEERING, new SafeTensors.Entry(new int[] {state.length}, state));
        }
        return tensors;
    }

    private int[] metricsShape(int done) {
        return rows.count() == 1 ? new int[] {done, Metrics.COLUMNS} : new int[] {rows.count(), done, Metrics.COLUMNS};
    }

    Map<String, int[]> shapes(int done) {
        int[] flat = {Math.toIntExact(main.parameters.flat().size())};
        Map<String, int[]> shapes = new LinkedHashMap<>();
        shapes.put(PARAMETERS, flat);
        shapes.put(FIRST_MOMENT, flat);
        shapes.put(SECOND_MOMENT, flat);
        if (done > 0) {
            shapes.put(METRICS, metricsShape(done));
        }
        if (main.steering != null) {
            shapes.put(
                    STEERING, new int[] {Math.toIntExact(main.steering.state().size())});
        }
        return shapes;
    }

    /** Inverts {@link #tensors}; throws data if one has another precision. */
    void restore(Map<String, SafeTensors.Entry> tensors, int done) {
        shapes(done).keySet().forEach(name -> {
            boolean isDouble = name.equals(METRICS) || name.equals(STEERING) || !isFloat();
            if (tensors.get(name).isDouble() != isDouble) {
                throw ElboException.data("the checkpoint's tensor '" + name + "' is not float" + (isDouble ? 64 : 32));
            }
        });
        int each = done * Metrics.COLUMNS;
        for (Lane lane : lanes) {
            lane.parameters.flat().write(tensors.get(PARAMETERS).array());
            Object first = tensors.get(FIRST_MOMENT).array();
            Object second = tensors.get(SECOND_MOMENT).array();
            lane.writeOwned(lane.firstMoment, first);
            lane.writeOwned(lane.secondMoment, second);
            lane.startApart(tensors.get(PARAMETERS).array(), first, second);
            for (int shard = lane.from; done > 0 && shard < lane.to; shard++) {
                Tensor table = lane.metrics(shard);
                table.buffer().write(table.offset(), tensors.get(METRICS).doubles(), shard * each, each);
            }
            if (lane.steering != null) {
                lane.steering.state().write(tensors.get(STEERING).doubles());
            }
        }
    }
}
