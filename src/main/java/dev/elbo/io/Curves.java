package dev.elbo.io;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Line plots of training, panels side by side in one PNG. Where the machine has no fonts the lines and frames are drawn
 * without any text, and a warning is logged once; plotting never fails for that.
 */
public final class Curves {
    /**
     * One line; points that are not finite are left out. All arrays have the same length, and are kept.
     *
     * @param name for the legend
     * @param x of each point
     * @param y of each point
     * @param error half the length of an error bar at each point; null: no bars
     */
    public record Series(String name, double[] x, double[] y, double[] error) {
        /** Refuses arrays of different lengths. */
        public Series {
            if (x.length != y.length || error != null && error.length != x.length) {
                throw new IllegalArgumentException(name + ": " + x.length + " x for " + y.length + " y"
                        + (error == null ? "" : " and " + error.length + " errors"));
            }
        }

        /**
         * Without error bars.
         *
         * @param name for the legend
         * @param x of each point
         * @param y of each point
         */
        public Series(String name, double[] x, double[] y) {
            this(name, x, y, null);
        }

        Series finite() {
            int[] kept = IntStream.range(0, x.length)
                    .filter(i -> Double.isFinite(x[i]) && Double.isFinite(y[i]))
                    .toArray();
            return new Series(
                    name,
                    Arrays.stream(kept).mapToDouble(i -> x[i]).toArray(),
                    Arrays.stream(kept).mapToDouble(i -> y[i]).toArray(),
                    error == null
                            ? null
                            : Arrays.stream(kept)
                                    .mapToDouble(i -> Double.isFinite(error[i]) ? error[i] : 0)
                                    .toArray());
        }
    }

    /** How a panel is drawn. */
    public enum Kind {
        /** Lines over x. */
        LINES,
        /** Lines over the logarithm of x, which is above 0. */
        LOGARITHMIC,
        /** Lines over the logarithm of x, and of y. */
        DOUBLY_LOGARITHMIC,
        /** A bar from 0 at each x; where series share an x, their bars lie over each other. */
        BARS
    }

    /**
     * One plot.
     *
     * @param title above it
     * @param xTitle of the axis, with its unit
     * @param yTitle of the axis, with its unit
     * @param series told apart by colour, five of them
     * @param kind of all series
     */
    public record Panel(String title, String xTitle, String yTitle, List<Series> series, Kind kind) {
        /** Keeps a copy of the list. */
        public Panel {
            series = List.copyOf(series);
        }

        /**
         * With lines.
         *
         * @param title above it
         * @param xTitle of the axis, with its unit
         * @param yTitle of the axis, with its unit
         * @param series told apart by colour, five of them
         */
        public Panel(String title, String xTitle, String yTitle, List<Series> series) {
            this(title, xTitle, yTitle, series, Kind.LINES);
        }

        /** Whether labels along y differ from each other: the values are one or apart by more than labels are exact to. */
        boolean isLabelled() {
            Range ys = Range.of(series.stream().map(Series::y).toList());
            return ys.high() - ys.low() > MIN_SPREAD * largest() || ys.high() == ys.low() && largest() < 1e9;
        }

        double largest() {
            return series.stream()
                    .flatMapToDouble(s -> Arrays.stream(s.y))
                    .map(Math::abs)
                    .max()
                    .orElse(0);
        }

        Panel finite() {
            return new Panel(
                    title,
                    xTitle,
                    yTitle,
                    series.stream()
                            .map(Series::finite)
                            .filter(s -> s.x.length > 0)
                            .toList(),
                    kind);
        }
    }

    private static final int LABEL_DIGITS = 10;
    /** Of the values along y, relative to the largest: well above the last digit of a label. */
    private static final double MIN_SPREAD = 1e-6;

    /** Points that have room for a label each. */
    private static final int LABELLED_POINTS = 12;

    /** Bars that have room for a label each. */
    private static final int LABELLED_BARS = 30;

    static final int WIDTH = 560;
    static final int HEIGHT = 420;
    static final Color GRID = new Color(0xe4e4e4);
    static final Color INK = new Color(0x333333);
    /** Okabe and Ito's colours, told apart by colour-blind readers too. */
    static final Color[] COLOURS = {
        new Color(0x0072b2), new Color(0xd55e00), new Color(0x009e73), new Color(0xcc79a7), new Color(0xe69f00)
    };

    static final AtomicBoolean WARNED = new AtomicBoolean();

    private Curves() {}

    /**
     * Draws the panels side by side and writes them as PNG, durably.
     *
     * @param file to be made or replaced
     * @param panels at least one, from left to right
     * @throws dev.elbo.error.ElboException of kind IO, naming the file
     */
    public static void writePng(Path file, List<Panel> panels) {
        Images.writePng(file, draw(panels));
    }

    /**
     * Draws the panels side by side.
     *
     * @param panels at least one, from left to right
     * @return a picture of 560 × 420 pixels a panel
     */
    public static BufferedImage draw(List<Panel> panels) {
        if (panels.isEmpty()) {
            throw new IllegalArgumentException("nothing to plot");
        }
        return draw(panels, Curves::withText);
    }

    /** With this painter, or without text where it fails for want of fonts. */
    static BufferedImage draw(List<Panel> panels, Painter painter) {
        try {
            return sheet(panels, painter);
        } catch (RuntimeException | LinkageError | InternalError e) {
            // Font loading fails with any of these: a missing native library, no fontconfig, no font.
            if (WARNED.compareAndSet(false, true)) {
                System.getLogger(Curves.class.getName())
                        .log(
                                System.Logger.Level.WARNING,
                                "plots are drawn without text, for want of fonts (install fontconfig and a font): {0}",
                                e.toString().lines().findFirst().orElse(""));
            }
            return withoutText(panels);
        }
    }

    /** The panels with lines, frames and grid only. */
    static BufferedImage withoutText(List<Panel> panels) {
        return sheet(panels, PlainPlot::paint);
    }

    interface Painter {
        void paint(Panel panel, Graphics2D graphics);
    }

    private static BufferedImage sheet(List<Panel> panels, Painter painter) {
        BufferedImage image = new BufferedImage(WIDTH * panels.size(), HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
            for (int i = 0; i < panels.size(); i++) {
                Graphics2D part = (Graphics2D) graphics.create(i * WIDTH, 0, WIDTH, HEIGHT);
                painter.paint(panels.get(i).finite(), part);
                part.dispose();
            }
        } finally {
            graphics.dispose();
        }
        return image;
    }

    private static void withText(Panel panel, Graphics2D graphics) {
        if (panel.series().isEmpty() || !panel.isLabelled()) {
            // XChart refuses a chart without points, and never ends where neighbouring labels read the same.
            PlainPlot.paint(panel, graphics);
            return;
        }
        if (panel.kind() == Kind.BARS) {
            bars(panel, graphics);
            return;
        }
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(panel.title())
                .xAxisTitle(panel.xTitle())
                .yAxisTitle(panel.yTitle())
                .build();
        style(chart.getStyler(), panel);
        chart.getStyler()
                .setXAxisLogarithmic(panel.kind() == Kind.LOGARITHMIC || panel.kind() == Kind.DOUBLY_LOGARITHMIC)
                .setYAxisLogarithmic(panel.kind() == Kind.DOUBLY_LOGARITHMIC);
        if (panel.kind() == Kind.DOUBLY_LOGARITHMIC) {
            decades(chart.getStyler(), panel);
        }
        for (Series series : panel.series()) {
            XYSeries line = chart.addSeries(series.name(), unevenly(series.x()), series.y(), series.error());
            line.setLineWidth(2);
            // A single point would be invisible without a marker, an error bar would seem to be a mistake.
            line.setMarker(
                    series.x().length == 1 || series.error() != null ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
        }
        chart.paint(graphics, WIDTH, HEIGHT);
    }

    /**
     * With one of many points moved by less than a pixel: along evenly spaced ones XChart sets labels at some of the points,
     * 1, 9, 17, …, until they touch, in place of round numbers with room between them.
     */
    private static double[] unevenly(double[] x) {
        if (x.length <= LABELLED_POINTS) {
            return x;
        }
        double[] moved = x.clone();
        moved[1] += 1e-3 * (x[1] - x[0]);
        return moved;
    }

    /** From one power of ten to another, since within a decade hardly a tick has a label. */
    private static void decades(XYStyler styler, Panel panel) {
        Range ys = Range.of(panel.series().stream()
                .map(series -> PlainPlot.places(series.y(), true))
                .toList());
        double low = Math.pow(10, Math.floor(ys.low()));
        double high = Math.pow(10, Math.max(Math.ceil(ys.high()), Math.floor(ys.low()) + 1));
        styler.setYAxisTickLabelsFormattingFunction(value -> label(value, high));
        styler.setYAxisMin(low).setYAxisMax(high);
        Range xs = Range.of(panel.series().stream()
                .map(series -> PlainPlot.places(series.x(), true))
                .toList());
        if (Math.floor(xs.high()) - Math.ceil(xs.low()) < 1) {
            styler.setXAxisMin(Math.pow(10, Math.floor(xs.low()))).setXAxisMax(Math.pow(10, Math.ceil(xs.high())));
        }
    }

    private static void bars(Panel panel, Graphics2D graphics) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(panel.title())
                .xAxisTitle(panel.xTitle())
                .yAxisTitle(panel.yTitle())
                .build();
        style(chart.getStyler(), panel);
        chart.getStyler().setOverlapped(true);
        // where XChart leaves labels out, it sets the others beside their bars
        chart.getStyler()
                .setXAxisMaxLabelCount(0)
                .setXAxisTicksVisible(panel.series().get(0).x().length <= LABELLED_BARS);
        for (Series series : panel.series()) {
            chart.addSeries(series.name(), series.x(), series.y());
        }
        chart.paint(graphics, WIDTH, HEIGHT);
    }

    private static void style(AxesChartStyler styler, Panel panel) {
        styler.setLocale(Locale.ROOT)
                .setChartBackgroundColor(Color.WHITE)
                .setChartFontColor(INK)
                .setChartTitleBoxVisible(false)
                .setPlotBackgroundColor(Color.WHITE)
                .setPlotBorderVisible(false)
                .setLegendBorderColor(Color.WHITE)
                .setLegendPosition(Styler.LegendPosition.OutsideS)
                .setLegendLayout(Styler.LegendLayout.Horizontal)
                .setSeriesColors(COLOURS)
                .setBaseFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
        styler.setPlotGridLinesColor(GRID).setXAxisMaxLabelCount(10);
        double largest = panel.largest();
        styler.setYAxisTickLabelsFormattingFunction(value -> label(value, largest));
    }

    /** XChart's own labels have too few digits from a million on, so that neighbours read the same. */
    private static String label(double value, double largest) {
        int decimals = LABEL_DIGITS - 1 - (int) Math.floor(Math.log10(largest > 0 ? largest : 1));
        BigDecimal rounded =
                new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN).stripTrailingZeros();
        return largest < 1e12 && largest > 1e-6 ? rounded.toPlainString() : rounded.toString();
    }
}
