package dev.elbo.io;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Draws one panel: grid and lines or bars, which no font is needed for, and title, labels and legend, if asked for. */
final class Plot {
    private static final int TOP = 36;
    private static final int BOTTOM = Curves.HEIGHT - 76;
    private static final int RIGHT = Curves.WIDTH - 20;
    /** Between frame and lines at their sides; half of it above and below them. */
    private static final int MARGIN = 14;

    private static final Font PLAIN = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 14);

    private final Curves.Panel panel;
    private final Graphics2D graphics;
    private final Axis across;
    private final Axis up;
    private final int left;

    private Plot(Curves.Panel panel, Graphics2D graphics, boolean text) {
        this.panel = panel;
        this.graphics = graphics;
        double[] x = all(Curves.Series::x);
        double[] y = all(Plot::reached);
        Curves.Kind kind = panel.kind();
        boolean both = kind == Curves.Kind.DOUBLY_LOGARITHMIC;
        Axis whole = Axis.around(x, Arrays.stream(x).allMatch(value -> value == Math.rint(value)));
        across = both || kind == Curves.Kind.LOGARITHMIC
                ? Axis.logarithmic(x)
                : kind == Curves.Kind.BARS ? new Axis(whole.low() - 0.5, whole.high() + 0.5, whole.step()) : whole;
        up = both
                ? Axis.logarithmic(y)
                : Axis.around(kind == Curves.Kind.BARS ? Arrays.copyOf(y, y.length + 1) : y, false);
        int widest = text
                ? up.marks().stream()
                        .mapToInt(mark -> width(up.label(mark)))
                        .max()
                        .orElse(0)
                : 0;
        left = 40 + widest;
    }

    static void paint(Curves.Panel panel, Graphics2D graphics, boolean text) {
        graphics.setFont(PLAIN);
        Plot plot = new Plot(panel, graphics, text);
        plot.grid();
        if (text) {
            plot.text();
        }
        graphics.setStroke(new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        for (int s = 0; s < panel.series().size(); s++) {
            graphics.setColor(colour(s));
            if (panel.kind() == Curves.Kind.BARS) {
                plot.bars(panel.series().get(s));
            } else {
                plot.line(panel.series().get(s));
            }
        }
    }

    private double[] all(Function<Curves.Series, double[]> values) {
        return panel.series().stream()
                .map(values)
                .flatMapToDouble(Arrays::stream)
                .toArray();
    }

    /** The values along y with the ends of their error bars. */
    private static double[] reached(Curves.Series series) {
        return series.error() == null
                ? series.y()
                : IntStream.range(0, series.y().length)
                        .mapToObj(i ->
                                DoubleStream.of(series.y()[i] - series.error()[i], series.y()[i] + series.error()[i]))
                        .flatMapToDouble(ends -> ends)
                        .toArray();
    }

    private static Color colour(int series) {
        return Curves.COLOURS[series % Curves.COLOURS.length];
    }

    private double x(double value) {
        return left + MARGIN + (RIGHT - left - 2 * MARGIN) * across.fraction(value);
    }

    private double y(double value) {
        int margin = panel.kind() == Curves.Kind.BARS ? 0 : MARGIN / 2;
        return BOTTOM - margin - (BOTTOM - TOP - 2 * margin) * up.fraction(value);
    }

    private void grid() {
        graphics.setColor(Curves.GRID);
        up.marks().forEach(mark -> graphics.draw(new Line2D.Double(left, y(mark), RIGHT, y(mark))));
        across.marks().forEach(mark -> graphics.draw(new Line2D.Double(x(mark), TOP, x(mark), BOTTOM)));
        graphics.setColor(Curves.INK);
        graphics.drawLine(left, TOP, left, BOTTOM);
        graphics.drawLine(left, BOTTOM, RIGHT, BOTTOM);
    }

    private void text() {
        int middle = (left + RIGHT) / 2;
        up.marks().forEach(mark -> text(up.label(mark), left - 6 - width(up.label(mark)), y(mark) + 4));
        double free = 0;
        for (double mark : across.marks()) {
            double begin = x(mark) - width(across.label(mark)) / 2.0;
            if (begin >= free) {
                text(across.label(mark), begin, BOTTOM + 18);
                free = begin + width(across.label(mark)) + 6;
            }
        }
        text(panel.xTitle(), middle - width(panel.xTitle()) / 2, BOTTOM + 40);
        Graphics2D turned = (Graphics2D) graphics.create();
        turned.rotate(-Math.PI / 2);
        turned.drawString(panel.yTitle(), -(TOP + BOTTOM + width(panel.yTitle())) / 2, 18);
        turned.dispose();
        double at = middle
                - panel.series().stream()
                                .mapToInt(series -> 44 + width(series.name()))
                                .sum()
                        / 2;
        for (int s = 0; s < panel.series().size(); s++) {
            String name = panel.series().get(s).name();
            graphics.setColor(colour(s));
            graphics.fill(new Rectangle2D.Double(at, BOTTOM + 59, 20, 3));
            graphics.setColor(Curves.INK);
            text(name, at + 26, BOTTOM + 65);
            at += 44 + width(name);
        }
        graphics.setFont(TITLE);
        text(panel.title(), middle - width(panel.title()) / 2, TOP - 14);
    }

    private int width(String text) {
        return graphics.getFontMetrics().stringWidth(text);
    }

    private void text(String text, double x, double y) {
        graphics.drawString(text, (float) x, (float) y);
    }

    private void bars(Curves.Series series) {
        double width = Math.max(2, 0.8 * (x(1) - x(0)));
        for (int i = 0; i < series.x().length; i++) {
            double top = y(Math.max(0, series.y()[i]));
            double bottom = y(Math.min(0, series.y()[i]));
            graphics.fill(new Rectangle2D.Double(x(series.x()[i]) - width / 2, top, width, bottom - top));
        }
    }

    private void line(Curves.Series series) {
        Path2D path = new Path2D.Double();
        for (int i = 0; i < series.x().length; i++) {
            double x = x(series.x()[i]);
            double y = y(series.y()[i]);
            if (i == 0) {
                path.moveTo(x, y);
            } else {
                path.lineTo(x, y);
            }
            // a single point would be invisible without a marker, an error bar would seem to be a mistake
            if (series.x().length == 1 || series.error() != null) {
                graphics.fill(new Ellipse2D.Double(x - 4, y - 4, 8, 8));
            }
            if (series.error() != null) {
                double reach = y(series.y()[i] - series.error()[i]) - y;
                graphics.draw(new Line2D.Double(x, y - reach, x, y + reach));
            }
        }
        graphics.draw(path);
    }
}
