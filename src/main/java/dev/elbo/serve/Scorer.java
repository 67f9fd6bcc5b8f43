package dev.elbo.serve;

import dev.elbo.analysis.AnomalyScore;
import dev.elbo.analysis.InputSchema;
import dev.elbo.error.ElboException;
import dev.elbo.net.Network;
import java.util.Iterator;
import java.util.Objects;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.DoubleConsumer;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The anomaly scores of a service, for arrays and streams, of which {@code batch} examples are scored together. */
record Scorer(InputSchema inputs, Network network, Unit unit, Replicas replicas, int batch, RowClasses classes) {
    /** The method of {@link VaeService} that errors name. */
    private static final String METHOD = "anomalyScores";

    private void require(AnomalyScore score, Object x) {
        Objects.requireNonNull(score, "score").requireFits(network);
        Objects.requireNonNull(x, "x");
    }

    double[] scores(float[] x, AnomalyScore score) {
        require(score, x);
        return given(x, unit.count(METHOD, x), score, 0);
    }

    double[] scores(float[][] x, AnomalyScore score) {
        require(score, x);
        return given(unit.pack(METHOD, x), x.length, score, 0);
    }

    double[] scores(double[] x, AnomalyScore score) {
        require(score, x);
        return inModelUnits(
                unit.toModelUnits(METHOD, x), x.length / network.spec().inputs(), score, 0);
    }

    DoubleStream scores(Stream<float[]> x, AnomalyScore score) {
        require(score, x);
        classes.requireForStream(METHOD);
        return StreamSupport.doubleStream(new Scored(x.iterator(), score), false)
                .onClose(x::close);
    }

    private double[] given(float[] x, int rows, AnomalyScore score, long first) {
        return inModelUnits(unit.toModelUnits(METHOD, x, rows, first), rows, score, first);
    }

    private double[] inModelUnits(float[] y, int rows, AnomalyScore score, long first) {
        classes.require(METHOD, rows);
        if (network.likelihood().binary()) {
            // a model of binary values never has standardised ones
            Rows.requireUnitInterval(METHOD, y, rows, network.spec().inputs(), first);
        }
        double[] scores = new double[rows];
        replicas.use(replica -> replica.score(y, rows, classes, score, scores));
        for (int i = 0; i < rows; i++) {
            scores[i] += inputs.logJacobian(y, i); // nats of the values as given, by the change of variables
            if (!Double.isFinite(scores[i])) {
                throw ElboException.numeric(METHOD + ": row " + (first + i) + " (from 0) has the score " + scores[i]
                        + "; look for extreme values in it");
            }
        }
        return scores;
    }

    /** The scores of a stream, a batch at a time. */
    private final class Scored extends Spliterators.AbstractDoubleSpliterator {
        private final Iterator<float[]> examples;
        private final AnomalyScore score;
        private final float[] x =
                new float[Math.multiplyExact(batch, network.spec().inputs())];
        private double[] scores = {};
        private long first;
        private int next;

        Scored(Iterator<float[]> examples, AnomalyScore score) {
            super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL);
            this.examples = examples;
            this.score = score;
        }

        @Override
        public boolean tryAdvance(DoubleConsumer action) {
            if (next == scores.length) {
                if (!examples.hasNext()) {
                    return false;
                }
                fill();
            }
            action.accept(scores[next++]);
            return true;
        }

        private void fill() {
            first += scores.length;
            scores = new double[0];
            next = 0;
            copy(0);
            int rows = 1;
            while (rows < batch && examples.hasNext()) {
                copy(rows);
                rows++;
            }
            scores = given(x, rows, score, first);
        }

        private void copy(int row) {
            int width = network.spec().inputs();
            Rows.copy(METHOD, examples.next(), width, unit.check(), first + row, x, row);
        }
    }
}
