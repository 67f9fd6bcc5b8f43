package dev.elbo.cuda;

import dev.elbo.backend.RawOps;
import dev.elbo.cuda.driver.Launch;
import dev.elbo.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The columns of tables as launches. */
final class CudaColumnOps implements RawOps.Columns {
    /** The places for which a row has a lane of its team at least. */
    private static final int PLACES_OF_LANE = 32;

    private final OperationQueue queue;

    CudaColumnOps(OperationQueue queue) {
        this.queue = queue;
    }

    /** Takes a team for every row, of a lane for each column. */
    private static Launch teams(LaunchBuilder call, Tensor rows, Tensor columns) {
        long lanesOfPlaces = (rows.cols() - 1) / PLACES_OF_LANE + 1;
        return call.teamsOf(rows.rows(), Math.max(columns.rows(), lanesOfPlaces));
    }

    @Override
    public Runnable columnInputs(Tensor x, Tensor columns, Tensor inputs) {
        return elementwise("column_inputs", x, columns, inputs);
    }

    @Override
    public Runnable columnMean(Tensor output, Tensor columns, Tensor mean) {
        return elementwise("column_mean", output, columns, mean);
    }

    private Runnable elementwise(String entry, Tensor from, Tensor columns, Tensor to) {
        LaunchBuilder call = queue.call(entry)
                .matrices(from)
                .vectors(columns)
                .matrices(to)
                .numbers(from.rows(), from.cols(), columns.rows());
        return queue.add(
                Node.of(teams(call, from, columns)).reads(from, columns).writes(to));
    }

    @Override
    public Runnable columnLoss(
            Tensor output,
            Tensor x,
            Tensor columns,
            Tensor logVar,
            Tensor logDispersion,
            Tensor rowWeight,
            double scale,
            Tensor loss,
            Tensor dOutput,
            Tensor dLogVar,
            Tensor dLogDispersion) {
        int rows = output.rows();
        int gaussians = logVar == null ? 0 : logVar.cols();
        int parameters = gaussians + (logDispersion == null ? 0 : logDispersion.cols());
        boolean learns = dLogVar != null || dLogDispersion != null;
        // terms are float32, two to a double
        AddressRange terms = learns ? queue.scratch().apply(((long) rows * parameters + 1) / 2) : AddressRange.NONE;
        List<Node> nodes = new ArrayList<>();
        if (loss != null || dOutput != null || learns) {
            LaunchBuilder call = queue.call("column_loss")
                    .matrices(output, x)
                    .vectors(columns, logVar, logDispersion, rowWeight)
                    .number(scale)
                    .vectors(loss)
                    .matrices(dOutput)
                    .addresses(terms.start())
                    .numbers(gaussians, parameters, rows, x.rows(), output.cols(), columns.rows());
            Node node = Node.of(teams(call, output, columns))
                    .reads(output, x, columns, logVar, logDispersion, rowWeight)
                    .writes(loss, dOutput);
            nodes.add(learns ? node.writes(terms) : node);
        }
        if (learns) {
            nodes.add(Node.of(queue.call("column_loss_finish")
                            .addresses(terms.start())
                            .vectors(logVar, logDispersion, dLogVar, dLogDispersion)
                            .numbers(gaussians, parameters, rows)
                            .tiles(parameters, 1))
                    .reads(terms)
                    .reads(logVar, logDispersion)
                    .writes(dLogVar, dLogDispersion));
        }
        return queue.add(nodes);
    }
}
