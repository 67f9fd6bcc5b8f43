package dev.elbo.report;

import dev.elbo.io.Axis;
import java.util.Arrays;
import java.util.List;

/** Drawings as SVG: lines over epochs, a bar for each of many things. Colours are those of the page, in light and dark. */
final class Chart {
    private static final String NAMESPACE = "http://www.w3.org/2000/svg";
    /** The width of line charts: three side by side fill a page. */
    private static final int LINES = 340;

    private static final int BARS = 480;
    private static final int HEIGHT = 230;
    /** The width of a character of a label, generously. */
    private static final int CHARACTER = 7;

    private static final int RIGHT = 12;
    private static final int TOP = 10;
    private static final int BOTTOM = 34;
    /** The most points of a line that show their value at the pointer. */
    private static final int TOLD = 300;

    /**
     * A line.
     *
     * @param y at each x; a gap for each value that is not finite
     */
    record Line(String name, double[] y) {}

    /**
     * A bar from 0.
     *
     * @param told the text at the pointer
     * @param faint whether it is drawn faintly
     */
    record Bar(String name, double value, String told, boolean faint) {}

    private final Markup out;
    private final Axis up;
    private final int width;
    private final int left;

    private Chart(Markup out, Axis up, int width) {
        this.out = out;
        this.up = up;
        this.width = width;
        int longest = up.marks().stream()
                .mapToInt(mark -> up.label(mark).length())
                .max()
                .orElse(1);
        this.left = 12 + CHARACTER * longest;
    }

    /** Draws lines over whole numbers. */
    static void lines(Markup out, String title, String xTitle, double[] x, List<Line> lines) {
        Axis across = Axis.around(x, true);
        Axis up = Axis.around(
                lines.stream().flatMapToDouble(line -> Arrays.stream(line.y)).toArray(), false);
        new Chart(out, up, LINES).lines(title, xTitle, x, across, lines);
        out.open("p", "class", "legend");
        for (int i = 0; i < lines.size(); i++) {
            out.leaf("span", lines.get(i).name, "class", "key line" + i);
        }
        out.close().close();
    }

    private void lines(String title, String xTitle, double[] x, Axis across, List<Line> lines) {
        begin(title, xTitle);
        for (double mark : across.marks()) {
            if (mark == Math.rint(mark)) {
                label(x(across, mark), HEIGHT - BOTTOM + 16, "middle", across.label(mark));
            }
        }
        for (int i = 0; i < lines.size(); i++) {
            line(lines.get(i), i, x, across);
        }
        out.close();
    }

    private void line(Line line, int number, double[] x, Axis across) {
        StringBuilder path = new StringBuilder();
        boolean drawing = false;
        for (int i = 0; i < x.length; i++) {
            boolean there = Double.isFinite(line.y[i]);
            if (there) {
                path.append(drawing ? 'L' : 'M')
                        .append(place(x(across, x[i])))
                        .append(' ')
                        .append(place(y(line.y[i])));
            }
            drawing = there;
        }
        out.empty("path", "class", "line line" + number, "d", path.toString());
        int every = (x.length + TOLD - 1) / TOLD;
        for (int i = x.length - 1; i >= 0; i -= every) {
            if (Double.isFinite(line.y[i])) {
                String kind = (x.length == 1 ? "point lone line" : "point line") + number;
                out.open("circle", "class", kind, "cx", place(x(across, x[i])), "cy", place(y(line.y[i])), "r", "4")
                        .leaf("title", Markup.format("%s, epoch %.0f: %.4f", line.name, x[i], line.y[i]))
                        .close();
            }
        }
    }

    /** Draws bars side by side, named below if there is room. */
    static void bars(Markup out, String title, String xTitle, List<Bar> bars) {
        double[] values = bars.stream().mapToDouble(Bar::value).toArray();
        Axis up = Axis.around(Arrays.copyOf(values, values.length + 1), false);
        new Chart(out, up, BARS).bars(title, xTitle, bars);
        out.close();
    }

    private void bars(String title, String xTitle, List<Bar> bars) {
        begin(title, xTitle);
        double pitch = (double) (width - left - RIGHT) / bars.size();
        int every = (int) Math.ceil(18 / pitch);
        for (int i = 0; i < bars.size(); i++) {
            Bar bar = bars.get(i);
            double top = y(Double.isFinite(bar.value) ? Math.max(0, bar.value) : 0);
            double bottom = y(Double.isFinite(bar.value) ? Math.min(0, bar.value) : 0);
            String kind = bar.faint ? "bar faint" : "bar";
            String x = place(left + (i + 0.1) * pitch);
            String height = place(Math.max(0.75, bottom - top));
            out.open("rect", "class", kind, "x", x, "width", place(0.8 * pitch), "y", place(top), "height", height)
                    .leaf("title", bar.told)
                    .close();
            if (i % every == 0) {
                String name = cut(bar.name, (int) Math.max(18, pitch * every) / CHARACTER);
                label(left + (i + 0.5) * pitch, HEIGHT - BOTTOM + 16, "middle", name);
            }
        }
        out.close();
    }

    private static String cut(String name, int longest) {
        int characters = name.codePointCount(0, name.length());
        return characters <= longest ? name : name.substring(0, name.offsetByCodePoints(0, longest - 1)) + "…";
    }

    private void begin(String title, String xTitle) {
        out.open("figure").leaf("figcaption", title);
        String kind = width == LINES ? "lines" : "bars";
        String box = "0 0 " + width + " " + HEIGHT;
        out.open("svg", "xmlns", NAMESPACE, "class", kind, "viewBox", box, "role", "img", "aria-label", title);
        for (double mark : up.marks()) {
            String y = place(y(mark));
            out.empty("path", "class", mark == 0 ? "zero" : "grid", "d", "M" + left + " " + y + "H" + (width - RIGHT));
            label(left - 6, y(mark) + 4, "end", up.label(mark));
        }
        label((left + width - RIGHT) / 2.0, HEIGHT - 3, "middle", xTitle);
    }

    private void label(double x, double y, String anchor, String text) {
        out.leaf("text", text, "x", place(x), "y", place(y), "text-anchor", anchor);
    }

    private double x(Axis across, double value) {
        return left + 6 + across.fraction(value) * (width - left - RIGHT - 12);
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - up.fraction(value) * (HEIGHT - TOP - BOTTOM);
    }

    /** Formats a coordinate to a tenth, in any locale. */
    private static String place(double value) {
        long tenths = Math.round(10 * value);
        return tenths % 10 == 0 ? Long.toString(tenths / 10) : Markup.format("%.1f", tenths / 10.0);
    }
}
