package dev.elbo.io;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.RectangularShape;

/**
 * A canvas on a picture.
 *
 * @param hasText false: no text is drawn, and no font is needed
 */
record ImageCanvas(Graphics2D graphics, boolean hasText) implements Canvas {
    private static final Color GRID_COLOUR = new Color(0xe4e4e4);
    private static final Color AXIS_COLOUR = new Color(0x8c8c8c);
    private static final Color TEXT_COLOUR = new Color(0x333333);
    /** Okabe and Ito's colours, which colour-blind readers can tell apart too. */
    private static final Color[] COLOURS = {
        new Color(0x0072b2), new Color(0xd55e00), new Color(0x009e73), new Color(0xcc79a7), new Color(0xe69f00)
    };

    private static final Font PLAIN = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    private static final Font BOLD = new Font(Font.SANS_SERIF, Font.BOLD, 14);

    @Override
    public double width(String text) {
        return hasText ? graphics.getFontMetrics(PLAIN).stringWidth(text) : 0;
    }

    @Override
    public void text(String text, double x, double y, Text place) {
        if (!hasText) {
            return;
        }
        Graphics2D moved = (Graphics2D) graphics.create();
        moved.setColor(TEXT_COLOUR);
        moved.setFont(place == Text.TITLE ? BOLD : PLAIN);
        moved.translate(x, y);
        moved.rotate(place == Text.UPWARD ? -Math.PI / 2 : 0);
        int width = moved.getFontMetrics().stringWidth(text);
        moved.drawString(text, place == Text.END ? -width : -width / 2, 0);
        moved.dispose();
    }

    @Override
    public void line(Shape line, int ink) {
        use(ink);
        graphics.setStroke(new BasicStroke(ink < 0 ? 1 : 2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        graphics.draw(line);
    }

    @Override
    public void fill(RectangularShape shape, boolean shown, int ink, String told) {
        if (shown) {
            use(ink);
            graphics.fill(shape);
        }
    }

    private void use(int ink) {
        graphics.setColor(ink == GRID ? GRID_COLOUR : ink == AXIS ? AXIS_COLOUR : COLOURS[ink % COLOURS.length]);
    }
}
