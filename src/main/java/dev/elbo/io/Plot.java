package dev.elbo.io;

import dev.elbo.io.Canvas.Text;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The layout of one panel: title, grid, data, labels and legend, from top to bottom.
 *
 * @hidden
 */
public final class Plot {
    private static final int TOP = 36;
    /** Below the data: labels of marks, title of the axis, legend. */
    private static final int BELOW = 76;

    private static final int RIGHT = 20;
    /** The width that a place's name may have at least, however many there are. */
    private static final int NAME = 40;
    /** The most points of a line that tell their values. */
    private static final int TOLD = 300;

    private final Curves.Panel panel;
    private final Canvas canvas;
    private final boolean bars;
    /** Between axes and lines at their sides; half of it above and below them. */
    private final double margin;

    private final Axis across;
    private final Axis up;
    private final double left;
    private final double right;
    private final double bottom;

    private Plot(Curves.Panel panel, Canvas canvas, int width, int height) {
        this.panel = panel;
        this.canvas = canvas;
        Curves.Kind kind = panel.kind();
        bars = kind == Curves.Kind.BARS;
        margin = bars ? 0 : 14;
        boolean both = kind == Curves.Kind.DOUBLY_LOGARITHMIC;
        double[] x = all(series -> Arrays.stream(series.x()));
        double[] y = all(series -> IntStream.range(0, series.y().length)
                .boxed()
                .flatMapToDouble(i -> DoubleStream.of(-1, 1).map(sign -> series.y()[i] + sign * series.error(i))));
        Axis whole = Axis.around(x, Arrays.stream(x).allMatch(value -> value == Math.rint(value)));
        across = both || kind == Curves.Kind.LOGARITHMIC
                ? Axis.logarithmic(x)
                : bars ? new Axis(whole.low() - 0.5, whole.high() + 0.5, whole.step()) : whole;
        up = both ? Axis.logarithmic(y) : Axis.around(bars ? Arrays.copyOf(y, y.length + 1) : y, false);
        DoubleStream widths = up.marks().stream().mapToDouble(mark -> canvas.width(up.label(mark)));
        left = 40 + widths.max().orElse(0);
        right = width - RIGHT;
        bottom = height - BELOW;
    }

    /** Draws a panel that fills this width and height. */
    public static void paint(Curves.Panel panel, Canvas canvas, int width, int height) {
        Plot plot = new Plot(panel, canvas, width, height);
        plot.grid();
        plot.titles();
        for (int s = 0; s < panel.series().size(); s++) {
            if (plot.bars) {
                plot.bars(panel.series().get(s), s);
            } else {
                plot.lines(panel.series().get(s), s);
            }
        }
    }

    private double[] all(Function<Curves.Series, DoubleStream> values) {
        return panel.series().stream().flatMapToDouble(values).toArray();
    }

    private double x(double value) {
        return left + margin + (right - left - 2 * margin) * across.fraction(value);
    }

    private double y(double value) {
        return bottom - margin / 2 - (bottom - TOP - margin) * up.fraction(value);
    }

    private void line(double x0, double y0, double x1, double y1, int ink) {
        canvas.line(new Line2D.Double(x0, y0, x1, y1), ink);
    }

    /** Draws grid and axes, and as many labels below as there is room for. */
    private void grid() {
        int places = panel.places().size();
        double[] marks = places > 0
                ? IntStream.rangeClosed(1, places).asDoubleStream().toArray()
                : across.marks().stream().mapToDouble(mark -> mark).toArray();
        double free = 0;
        for (double mark : marks) {
            if (!bars) {
                line(x(mark), TOP, x(mark), bottom, Canvas.GRID);
            }
            String label = places > 0 ? cut(panel.places().get((int) mark - 1).name()) : across.label(mark);
            double half = canvas.width(label) / 2;
            if (x(mark) - half >= free && x(mark) + half <= right + RIGHT) {
                canvas.text(label, x(mark), bottom + 18, Text.MIDDLE);
                free = x(mark) + half + 4;
            }
        }
        for (double mark : up.marks()) {
            line(left, y(mark), right, y(mark), mark == 0 ? Canvas.AXIS : Canvas.GRID);
            canvas.text(up.label(mark), left - 6, y(mark) + 4, Text.END);
        }
        line(left, TOP, left, bottom, Canvas.AXIS);
        line(left, bottom, right, bottom, Canvas.AXIS);
    }

    private String cut(String name) {
        double room = Math.max(NAME, x(2) - x(1) - 4);
        String part = name;
        for (int n = name.codePointCount(0, name.length()) - 1; n > 0 && canvas.width(part) > room; n--) {
            part = name.substring(0, name.offsetByCodePoints(0, n)) + "…";
        }
        return part;
    }

    private void titles() {
        double middle = (left + right) / 2;
        canvas.text(panel.title(), middle, TOP - 14, Text.TITLE);
        canvas.text(panel.xTitle(), middle, bottom + 40, Text.MIDDLE);
        canvas.text(panel.yTitle(), 18, (TOP + bottom) / 2, Text.UPWARD);
        List<String> names = panel.series().stream().map(Curves.Series::name).toList();
        double at = middle - 22 * names.size() - canvas.width(String.join("", names)) / 2;
        for (int s = 0; s < names.size(); s++) {
            double width = canvas.width(names.get(s));
            line(at, bottom + 60.5, at + 20, bottom + 60.5, s);
            canvas.text(names.get(s), at + 26 + width / 2, bottom + 65, Text.MIDDLE);
            at += 44 + width;
        }
    }

    private void bars(Curves.Series series, int ink) {
        double width = Math.max(2, 0.8 * (x(1) - x(0)));
        for (int i = 0; i < series.x().length; i++) {
            if (drawn(series, i)) {
                double top = y(Math.max(0, series.y()[i]));
                double height = Math.max(0.75, y(Math.min(0, series.y()[i])) - top);
                double begin = x(series.x()[i]) - width / 2;
                canvas.fill(new Rectangle2D.Double(begin, top, width, height), true, ink, told(series, i));
            }
        }
    }

    private void lines(Curves.Series series, int ink) {
        Path2D path = new Path2D.Double();
        int count = series.x().length;
        int every = (count + TOLD - 1) / TOLD;
        for (int i = 0; i < count; i++) {
            double x = x(series.x()[i]);
            double y = y(series.y()[i]);
            if (!drawn(series, i)) {
                continue;
            }
            if (drawn(series, i - 1)) {
                path.lineTo(x, y);
            } else {
                path.moveTo(x, y);
            }
            // a single point would be invisible without a marker, an error bar would seem to be a mistake
            boolean shown = series.error() != null || !drawn(series, i - 1) && !drawn(series, i + 1);
            if (shown || (count - 1 - i) % every == 0) {
                canvas.fill(new Ellipse2D.Double(x - 4, y - 4, 8, 8), shown, ink, told(series, i));
            }
            if (series.error(i) > 0) {
                double reach = y(series.y()[i] - series.error(i)) - y;
                line(x, y - reach, x, y + reach, ink);
            }
        }
        canvas.line(path, ink);
    }

    /** Returns whether there is such a point, and both its values are finite. */
    private boolean drawn(Curves.Series series, int i) {
        return i >= 0 && i < series.x().length && Double.isFinite(x(series.x()[i]) + y(series.y()[i]));
    }

    private String told(Curves.Series series, int i) {
        double x = series.x()[i];
        String place = series.name() + ", " + panel.xTitle() + " " + across.label(x);
        return panel.places().isEmpty()
                ? String.format(Locale.ROOT, "%s: %.4f", place, series.y()[i])
                : panel.places().get((int) x - 1).told();
    }
}
