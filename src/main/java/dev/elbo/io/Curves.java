package dev.elbo.io;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * Charts: their description, and PNG files of panels side by side. If the machine has no fonts, the charts are drawn without
 * text, and a warning is logged once; plotting never fails for that.
 */
public final class Curves {
    /**
     * One line, or the bars of one colour. All arrays have the same length, and are kept.
     *
     * @param name for the legend
     * @param x of each point
     * @param y of each point; if it is not finite, a line has a gap, and a bar is left out
     * @param error half the length of an error bar at each point; null: no error bars
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

        /** Returns half the length of the error bar at a point. */
        double error(int i) {
            return error != null && Double.isFinite(error[i]) ? error[i] : 0;
        }
    }

    /**
     * One place along x.
     *
     * @param name below it
     * @param told at the pointer, on a page
     */
    public record Place(String name, String told) {}

    /** The kind of a panel. */
    public enum Kind {
        /** Lines over x. */
        LINES,
        /** Lines over the logarithm of x, which is above 0. */
        LOGARITHMIC,
        /** Lines over the logarithm of x, and of y. */
        DOUBLY_LOGARITHMIC,
        /** A bar from 0 at each x; if series share an x, their bars lie over each other. */
        BARS
    }

    /**
     * One chart.
     *
     * @param title above it
     * @param xTitle of the axis, with its unit
     * @param yTitle of the axis, with its unit
     * @param series told apart by colour, at most five of them
     * @param kind of all series
     * @param places at x = 1, 2, …; empty: x is a number
     */
    public record Panel(
            String title, String xTitle, String yTitle, List<Series> series, Kind kind, List<Place> places) {
        /** Validates the components. */
        public Panel {
            series = List.copyOf(series);
            places = List.copyOf(places);
        }

        /**
         * Creates a panel with lines over numbers.
         *
         * @param title above it
         * @param xTitle of the axis, with its unit
         * @param yTitle of the axis, with its unit
         * @param series told apart by colour, at most five of them
         */
        public Panel(String title, String xTitle, String yTitle, List<Series> series) {
            this(title, xTitle, yTitle, series, Kind.LINES, List.of());
        }
    }

    private static final int WIDTH = 560;
    private static final int HEIGHT = 420;

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
        return draw(panels, graphics -> new ImageCanvas(graphics, true));
    }

    /** Draws on these canvases, or without text if they fail for want of fonts. */
    static BufferedImage draw(List<Panel> panels, Function<Graphics2D, Canvas> canvases) {
        try {
            return sheet(panels, canvases);
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

    /** Draws the panels with lines, frames and grid only. */
    static BufferedImage withoutText(List<Panel> panels) {
        return sheet(panels, graphics -> new ImageCanvas(graphics, false));
    }

    private static BufferedImage sheet(List<Panel> panels, Function<Graphics2D, Canvas> canvases) {
        BufferedImage image = new BufferedImage(WIDTH * panels.size(), HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
            for (int i = 0; i < panels.size(); i++) {
                Graphics2D part = (Graphics2D) graphics.create(i * WIDTH, 0, WIDTH, HEIGHT);
                Plot.paint(panels.get(i), canvases.apply(part), WIDTH, HEIGHT);
                part.dispose();
            }
        } finally {
            graphics.dispose();
        }
        return image;
    }
}
