package dev.elbo.io;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

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
        /** Validates the components. */
        public Series {
            if (x.length != y.length || error != null && error.length != x.length) {
                throw new IllegalArgumentException(name + ": " + x.length + " x for " + y.length + " y"
                        + (error == null ? "" : " and " + error.length + " errors"));
            }
        }

        /**
         * Creates a series without error bars.
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

    /** The kind of a panel. */
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
        /** Validates the components. */
        public Panel {
            series = List.copyOf(series);
        }

        /**
         * Creates a panel with lines.
         *
         * @param title above it
         * @param xTitle of the axis, with its unit
         * @param yTitle of the axis, with its unit
         * @param series told apart by colour, five of them
         */
        public Panel(String title, String xTitle, String yTitle, List<Series> series) {
            this(title, xTitle, yTitle, series, Kind.LINES);
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
        return draw(panels, (panel, graphics) -> Plot.paint(panel, graphics, true));
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
        return sheet(panels, (panel, graphics) -> Plot.paint(panel, graphics, false));
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
}
