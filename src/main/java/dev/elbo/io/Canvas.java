package dev.elbo.io;

import java.awt.Shape;
import java.awt.geom.RectangularShape;

/**
 * A surface that {@link Plot} draws on; lengths are in pixels, and y grows downwards. An ink is the number of a series, from 0,
 * or one of the constants.
 *
 * @hidden
 */
public interface Canvas {
    /** The ink of lines behind the data. */
    int GRID = -1;
    /** The ink of the axes and of zero. */
    int AXIS = -2;

    /** The place of a text at its point. END ends there, and all others have it in their middle. */
    enum Text {
        MIDDLE,
        END,
        UPWARD,
        TITLE
    }

    /** Returns the width of a text that is not a title; 0 if the canvas draws no text. */
    double width(String text);

    /** Draws a text whose baseline is at the point. */
    void text(String text, double x, double y, Text place);

    /** Draws straight lines, thicker ones for a series. */
    void line(Shape line, int ink);

    /**
     * Fills a rectangle or a circle.
     *
     * @param shown whether it is visible without the pointer on it
     * @param told at the pointer
     */
    void fill(RectangularShape shape, boolean shown, int ink, String told);
}
