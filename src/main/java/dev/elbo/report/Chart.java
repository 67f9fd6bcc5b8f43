package dev.elbo.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Drawings as SVG: lines over epochs, a bar for each of many things. Colours are those of the page, in light and dark. */
final class Chart {
    private static final int WIDTH = 560;
    private static final int HEIGHT = 300;
    private static final int LEFT = 58;
    private static final int RIGHT = 12;
    private static final int TOP = 10;
    private static final int BOTTOM = 34;
    /** Points of a line that say their value where the pointer is. */
    private static final int TOLD = 300;

    /**
     * A line.
     *
     * @param y at each x; gaps where it is not finite
     */
    record Line(String name, double[] y) {}

    /**
     * A bar from 0.
     *
     * @param told where the pointer is
     * @param faint whether it is of the lesser kind
     */
    record Bar(String name, double value, String told, boolean faint) {}

    private Chart() {}

    /** Lines over whole numbers. */
    static void lines(Markup out, String title, String xTitle, double[] x, List<Line> lines) {
        Axis across = Axis.around(x, true);
        Axis up = Axis.around(
                lines.stream().flatMapToDouble(line -> Arrays.stream(line.y)).toArray(), false);
        begin(out, title);
        frame(out, up);
        for (double mark : across.marks()) {
            if (mark == Math.rint(mark)) {
                label(out, x(across, mark), HEIGHT - BOTTOM + 16, "middle", across.label(mark));
            }
        }
        label(out, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 3, "middle", xTitle);
        for (int i = 0; i < lines.size(); i++) {
            line(out, lines.get(i), i, x, across, up);
        }
        out.close();
        out.open("p", "class", "legend");
        for (int i = 0; i < lines.size(); i++) {
            out.leaf("span", lines.get(i).name, "class", "key line" + i);
        }
        out.close();
    }

    private static void line(Markup out, Line line, int number, double[] x, Axis across, Axis up) {
        StringBuilder path = new StringBuilder();
        boolean drawing = false;
        for (int i = 0; i < x.length; i++) {
            boolean there = Double.isFinite(line.y[i]);
            if (there) {
                path.append(drawing ? 'L' : 'M')
                        .append(place(x(across, x[i])))
                        .append(' ')
                        .append(place(y(up, line.y[i])));
            }
            drawing = there;
        }
        out.empty("path", "class", "line line" + number, "d", path.toString());
        int every = (x.length + TOLD - 1) / TOLD;
        for (int i = x.length - 1; i >= 0; i -= every) {
            if (Double.isFinite(line.y[i])) {
                out.open(
                                "circle",
                                "class",
                                x.length == 1 ? "point lone line" + number : "point line" + number,
                                "cx",
                                place(x(across, x[i])),
                                "cy",
                                place(y(up, line.y[i])),
                                "r",
                                "4")
                        .leaf("title", String.format(Locale.ROOT, "%s, epoch %.0f: %.4f", line.name, x[i], line.y[i]))
                        .close();
            }
        }
    }

    /** Bars side by side, named below where there is room. */
    static void bars(Markup out, String title, String xTitle, List<Bar> bars) {
        Axis up = Axis.from0(bars.stream().mapToDouble(Bar::value).toArray());
        begin(out, title);
        frame(out, up);
        double pitch = (double) (WIDTH - LEFT - RIGHT) / bars.size();
        int every = (int) Math.ceil(18 / pitch);
        for (int i = 0; i < bars.size(); i++) {
            Bar bar = bars.get(i);
            double top = y(up, Double.isFinite(bar.value) ? Math.max(0, bar.value) : 0);
            double bottom = y(up, Double.isFinite(bar.value) ? Math.min(0, bar.value) : 0);
            out.open(
                            "rect",
                            "class",
                            bar.faint ? "bar faint" : "bar",
                            "x",
                            place(LEFT + (i + 0.1) * pitch),
                            "width",
                            place(0.8 * pitch),
                            "y",
                            place(top),
                            "height",
                            place(Math.max(0.75, bottom - top)))
                    .leaf("title", bar.told)
                    .close();
            if (i % every == 0 && bar.name.length() * 7 <= Math.max(18, pitch * every)) {
                label(out, LEFT + (i + 0.5) * pitch, HEIGHT - BOTTOM + 16, "middle", bar.name);
            }
        }
        label(out, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 3, "middle", xTitle);
        out.close();
    }

    private static void begin(Markup out, String title) {
        out.leaf("figcaption", title);
        out.open(
                "svg",
                "xmlns",
                "http://www.w3.org/2000/svg",
                "viewBox",
                "0 0 " + WIDTH + " " + HEIGHT,
                "role",
                "img",
                "aria-label",
                title);
    }

    private static void frame(Markup out, Axis up) {
        for (double mark : up.marks()) {
            String y = place(y(up, mark));
            out.empty("path", "class", mark == 0 ? "zero" : "grid", "d", "M" + LEFT + " " + y + "H" + (WIDTH - RIGHT));
            label(out, LEFT - 6, y(up, mark) + 4, "end", up.label(mark));
        }
    }

    private static void label(Markup out, double x, double y, String anchor, String text) {
        out.leaf("text", text, "x", place(x), "y", place(y), "text-anchor", anchor);
    }

    private static double x(Axis across, double value) {
        return LEFT + 6 + across.fraction(value) * (WIDTH - LEFT - RIGHT - 12);
    }

    private static double y(Axis up, double value) {
        return HEIGHT - BOTTOM - up.fraction(value) * (HEIGHT - TOP - BOTTOM);
    }

    /** A coordinate to a tenth, in any locale. */
    private static String place(double value) {
        long tenths = Math.round(10 * value);
        return tenths % 10 == 0 ? Long.toString(tenths / 10) : String.format(Locale.ROOT, "%.1f", tenths / 10.0);
    }

    /** Values of epochs. */
    static double[] values(Stream<Epoch> epochs, java.util.function.ToDoubleFunction<Epoch> value) {
        return epochs.mapToDouble(value).toArray();
    }
}
