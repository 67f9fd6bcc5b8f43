package dev.elbo.analysis;

import dev.elbo.data.Dataset;
import dev.elbo.io.Heap;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Table;
import dev.elbo.model.TableColumn;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The values that the gaps of a data set were imputed as, and how sure they are. Columns have their numbers in {@link Table#columns()},
 * rows theirs in the data; both from 0. A number is in the unit of the data; a word is its number in {@link TableColumn#words()}.
 */
public final class ImputedData {
    private final String name;
    private final Table table;
    private final int size;
    private final int samples;
    /** The rows that have gaps, rising. */
    private final int[] rows;
    /** The first cell of each of these, and where the last one ends. */
    private final int[] firstCells;
    /** The column of each cell, rising within a row. */
    private final int[] columns;

    private final double[] values;
    private final double[] uncertainties;
    private final double[][] draws;
    private final double[] effective;
    private int finished;

    /**
     * @param data with gaps
     * @param rows that have some, rising
     * @param cells the number of gaps in each of these
     * @param columns of each gap
     */
    ImputedData(Dataset data, int samples, int draws, int[] rows, int[] cells, int[] columns) {
        this.name = data.name();
        this.table = data.table().orElseThrow();
        this.size = data.size();
        this.samples = samples;
        this.rows = rows;
        this.columns = columns;
        this.firstCells = new int[rows.length + 1];
        Arrays.setAll(firstCells, i -> i == 0 ? 0 : cells[i - 1]);
        Arrays.parallelPrefix(firstCells, Integer::sum);
        this.values = cells();
        this.uncertainties = cells();
        this.draws = new double[draws][];
        Arrays.setAll(this.draws, draw -> cells());
        this.effective = new double[rows.length];
    }

    private double[] cells() {
        return Heap.array(name, columns.length, Double.BYTES, double[]::new);
    }

    /** Adds the next row that has gaps, in the unit of the data. */
    void add(double effectiveSamples, double[] rowValues, double[] rowUncertainties, double[][] rowDraws) {
        int first = firstCells[finished];
        System.arraycopy(rowValues, 0, values, first, rowValues.length);
        System.arraycopy(rowUncertainties, 0, uncertainties, first, rowValues.length);
        for (int draw = 0; draw < draws.length; draw++) {
            System.arraycopy(rowDraws[draw], 0, draws[draw], first, rowValues.length);
        }
        effective[finished++] = effectiveSamples;
    }

    /** Returns the number in the data of a row that has gaps. */
    int row(int incompleteRow) {
        return rows[incompleteRow];
    }

    /** Returns the columns that are missing in such a row. */
    int[] columns(int incompleteRow) {
        return Arrays.copyOfRange(columns, firstCells[incompleteRow], firstCells[incompleteRow + 1]);
    }

    /** {@return K, the importance samples of a row} */
    public int samples() {
        return samples;
    }

    /** {@return the number of draws of each missing value} */
    public int draws() {
        return draws.length;
    }

    /** {@return the number of rows that have gaps} */
    public int incomplete() {
        return rows.length;
    }

    /** {@return how many of these are imputed, the first ones} */
    public int finished() {
        return finished;
    }

    /** {@return whether imputation was stopped early} */
    public boolean partial() {
        return finished < rows.length;
    }

    /** {@return the number of rows before the first one that still has gaps: all, unless imputation was stopped early} */
    public int completeRows() {
        return partial() ? rows[finished] : size;
    }

    /**
     * {@return the number of missing values of a column in the rows that are imputed}
     *
     * @param column its number
     */
    public int filled(int column) {
        TableColumn known = table.columns().get(column);
        return known.isConstant()
                ? 0
                : (int) Arrays.stream(columns, 0, firstCells[finished])
                        .filter(each -> each == column)
                        .count();
    }

    /**
     * {@return what a missing value is imputed as: the mean of a gaussian column, the most probable word, the median of a count;
     * NaN if the value is not missing, or not imputed}
     *
     * @param row its number
     * @param column its number
     */
    public double value(int row, int column) {
        return at(values, row, column);
    }

    /**
     * {@return a draw of a missing value from its distribution given what is observed; NaN if the value is not missing, or not
     * imputed}
     *
     * @param row its number
     * @param column its number
     * @param draw its number
     */
    public double draw(int row, int column, int draw) {
        return at(draws[draw], row, column);
    }

    /**
     * {@return the standard deviation of a missing number given what is observed, or the probability of the word that {@link
     * #value} gives; NaN if the value is not missing, or not imputed}
     *
     * @param row its number
     * @param column its number
     */
    public double uncertainty(int row, int column) {
        return at(uncertainties, row, column);
    }

    private double at(double[] cells, int row, int column) {
        int i = Arrays.binarySearch(rows, 0, finished, row);
        int cell = i < 0 ? -1 : Arrays.binarySearch(columns, firstCells[i], firstCells[i + 1], column);
        return cell < 0 ? Double.NaN : cells[cell];
    }

    /**
     * {@return the effective sample size of a row, (Σ w)² / Σ w² of its importance weights; NaN if it has no gaps, or is not
     * imputed}
     *
     * @param row its number
     */
    public double effectiveSamples(int row) {
        int i = Arrays.binarySearch(rows, 0, finished, row);
        return i < 0 ? Double.NaN : effective[i];
    }

    /** {@return the mean effective sample size; NaN if no row is imputed} */
    public double effectiveSamples() {
        return Arrays.stream(effective, 0, finished).average().orElse(Double.NaN);
    }

    /** {@return the least effective sample size; NaN if no row is imputed} */
    public double leastEffectiveSamples() {
        return Arrays.stream(effective, 0, finished).min().orElse(Double.NaN);
    }

    /** {@return the rows whose effective sample size is below {@link LikelihoodEstimate#RELIABLE}, rising} */
    public int[] unreliableRows() {
        return IntStream.range(0, finished)
                .filter(i -> effective[i] < LikelihoodEstimate.RELIABLE)
                .map(i -> rows[i])
                .toArray();
    }

    /**
     * {@return data with their gaps filled by {@link #value}; those of rows that are not imputed stay} Labels and names of
     * labels are left out.
     *
     * @param data the data that were imputed, in their own unit
     * @throws IllegalArgumentException if they have another number of rows or another table
     */
    public Dataset fill(Dataset data) {
        return fill(data, values);
    }

    /**
     * {@return data with their gaps filled by one of the draws, as {@link #fill(Dataset)}}
     *
     * @param data the data that were imputed, in their own unit
     * @param draw its number
     * @throws IllegalArgumentException as there
     */
    public Dataset fill(Dataset data, int draw) {
        return fill(data, draws[draw]);
    }

    private Dataset fill(Dataset data, double[] cells) {
        Objects.requireNonNull(data, "data");
        if (data.size() != size
                || !data.table().equals(Optional.of(table))
                || data.standardization().isPresent()) {
            throw new IllegalArgumentException(
                    data.name() + " is not " + name + " in its own unit, whose gaps these values fill");
        }
        float[] filled = data.values();
        int[] places = places();
        for (int i = 0; i < finished; i++) {
            for (int cell = firstCells[i]; cell < firstCells[i + 1]; cell++) {
                TableColumn column = table.columns().get(columns[cell]);
                int at = rows[i] * data.features() + places[columns[cell]];
                if (column.kind().orElseThrow() == ColumnKind.CATEGORICAL) {
                    Arrays.fill(filled, at, at + column.size(), 0);
                    filled[at + (int) cells[cell]] = 1;
                } else {
                    filled[at] = (float) cells[cell];
                }
            }
        }
        return Dataset.of(name, table, filled);
    }

    private int[] places() {
        List<TableColumn> all = table.columns();
        int[] places = new int[all.size()];
        for (int c = 1; c < places.length; c++) {
            places[c] = places[c - 1] + all.get(c - 1).size();
        }
        return places;
    }
}
