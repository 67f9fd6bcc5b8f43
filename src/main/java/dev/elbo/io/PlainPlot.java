package dev.elbo.io;

import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.Arrays;

/** A panel with lines, frame and grid only, which no font is needed for. */
final class PlainPlot {
    private PlainPlot() {}

    static void paint(Curves.Panel panel, Graphics2D graphics) {
        int left = 40;
        int top = 30;
        int width = Curves.WIDTH - 70;
        int height = Curves.HEIGHT - 70;
        graphics.setColor(Curves.GRID);
        for (int i = 1; i < 5; i++) {
            graphics.drawLine(left, top + height * i / 5, left + width, top + height * i / 5);
            graphics.drawLine(left + width * i / 5, top, left + width * i / 5, top + height);
        }
        graphics.setColor(Curves.INK);
        graphics.drawLine(left, top, left, top + height);
        graphics.drawLine(left, top + height, left + width, top + height);
        boolean both = panel.kind() == Curves.Kind.DOUBLY_LOGARITHMIC;
        boolean logarithmic = panel.kind() == Curves.Kind.LOGARITHMIC || both;
        boolean bars = panel.kind() == Curves.Kind.BARS;
        Range xs = Range.of(panel.series().stream()
                .map(series -> places(series.x(), logarithmic))
                .toList());
        Range ys = Range.of(
                panel.series().stream().map(series -> places(series.y(), both)).toList());
        if (bars) {
            ys = new Range(Math.min(0, ys.low()), Math.max(0, ys.high()));
        }
        graphics.setStroke(new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        for (int s = 0; s < panel.series().size(); s++) {
            Curves.Series series = panel.series().get(s);
            double[] places = places(series.x(), logarithmic);
            double[] heights = places(series.y(), both);
            graphics.setColor(Curves.COLOURS[s % Curves.COLOURS.length]);
            Path2D path = new Path2D.Double();
            for (int i = 0; i < places.length; i++) {
                double x = left + width * xs.fraction(places[i]);
                double y = top + height * (1 - ys.fraction(heights[i]));
                if (bars) {
                    double zero = top + height * (1 - ys.fraction(0));
                    double half = Math.max(1, 0.4 * width / places.length);
                    graphics.fill(new Rectangle2D.Double(x - half, Math.min(y, zero), 2 * half, Math.abs(y - zero)));
                    continue;
                }
                if (i == 0) {
                    path.moveTo(x, y);
                    graphics.fill(new Ellipse2D.Double(x - 3, y - 3, 6, 6));
                } else {
                    path.lineTo(x, y);
                }
                if (series.error() != null) {
                    double reach = series.error()[i] / (ys.high() > ys.low() ? ys.high() - ys.low() : 1) * height;
                    graphics.draw(new Line2D.Double(x, y - reach, x, y + reach));
                }
            }
            graphics.draw(path);
        }
    }

    static double[] places(double[] values, boolean logarithmic) {
        return logarithmic ? Arrays.stream(values).map(Math::log10).toArray() : values;
    }
}
