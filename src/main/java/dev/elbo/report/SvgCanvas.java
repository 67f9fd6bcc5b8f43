package dev.elbo.report;

import static dev.elbo.io.Text.format;

import dev.elbo.io.Canvas;
import dev.elbo.io.Curves;
import dev.elbo.io.Plot;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.PathIterator;
import java.awt.geom.RectangularShape;
import java.util.Locale;

/** A canvas on SVG. Colours are those of the page, in light and dark. */
record SvgCanvas(Markup out) implements Canvas {
    private static final String NAMESPACE = "http://www.w3.org/2000/svg";
    private static final int HEIGHT = 280;

    static void draw(Curves.Panel panel, Markup out) {
        boolean bars = panel.kind() == Curves.Kind.BARS;
        // three charts with lines fill a page
        int width = bars ? 520 : 340;
        String box = "0 0 " + width + " " + HEIGHT;
        String title = panel.title() + ", " + panel.yTitle();
        String kind = bars ? "bars" : "lines";
        out.open("svg", "xmlns", NAMESPACE, "class", kind, "viewBox", box, "role", "img", "aria-label", title);
        Plot.paint(panel, new SvgCanvas(out), width, HEIGHT);
        out.close();
    }

    @Override
    public double width(String text) {
        // a generous width of a character
        return 7 * text.codePointCount(0, text.length());
    }

    @Override
    public void text(String text, double x, double y, Text place) {
        String kind = place.name().toLowerCase(Locale.ROOT);
        String turn = place == Text.UPWARD ? " rotate(-90)" : "";
        out.leaf("text", text, "class", kind, "transform", "translate(" + at(x) + " " + at(y) + ")" + turn);
    }

    @Override
    public void line(Shape line, int ink) {
        StringBuilder path = new StringBuilder();
        double[] to = new double[6];
        for (PathIterator i = line.getPathIterator(null); !i.isDone(); i.next()) {
            path.append(i.currentSegment(to) == PathIterator.SEG_MOVETO ? "M" : "L")
                    .append(at(to[0]) + " " + at(to[1]));
        }
        out.empty("path", "class", name(ink), "d", path.toString());
    }

    @Override
    public void fill(RectangularShape shape, boolean shown, int ink, String told) {
        String kind = name(ink) + (shown ? "" : " hidden");
        if (shape instanceof Ellipse2D) {
            String radius = at(shape.getWidth() / 2);
            out.open("circle", "class", kind, "cx", at(shape.getCenterX()), "cy", at(shape.getCenterY()), "r", radius);
        } else {
            String width = at(shape.getWidth());
            String height = at(shape.getHeight());
            String x = at(shape.getX());
            out.open("rect", "class", kind, "x", x, "y", at(shape.getY()), "width", width, "height", height);
        }
        out.leaf("title", told).close();
    }

    private static String name(int ink) {
        return ink == GRID ? "grid" : ink == AXIS ? "axis" : "series" + ink;
    }

    private static String at(double coordinate) {
        return format("%.1f", coordinate);
    }
}
