package dev.elbo.report;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Builds markup that is HTML and XML at once. Text and attributes are escaped, always: there is no way to put anything else
 * between the tags.
 */
final class Markup {
    private final StringBuilder out = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /** @param attributes names and values in turn */
    Markup open(String tag, String... attributes) {
        begin(tag, attributes).append('>');
        open.push(tag);
        return this;
    }

    Markup close() {
        String tag = open.pop();
        out.append("</").append(tag).append('>');
        if (!tag.equals("span") && !tag.equals("b") && !tag.equals("code")) {
            out.append('\n');
        }
        return this;
    }

    Markup empty(String tag, String... attributes) {
        begin(tag, attributes).append("/>");
        return this;
    }

    Markup leaf(String tag, String text, String... attributes) {
        return open(tag, attributes).text(text).close();
    }

    Markup paragraph(String text) {
        return leaf("p", text);
    }

    Markup text(String text) {
        escape(text, false);
        return this;
    }

    private StringBuilder begin(String tag, String... attributes) {
        out.append('<').append(tag);
        for (int i = 0; i < attributes.length; i += 2) {
            out.append(' ').append(attributes[i]).append("=\"");
            escape(attributes[i + 1], true);
            out.append('"');
        }
        return out;
    }

    private void escape(String text, boolean attribute) {
        text.codePoints().forEach(c -> {
            switch (c) {
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '&' -> out.append("&amp;");
                case '"' -> out.append(attribute ? "&quot;" : "\"");
                default -> out.appendCodePoint(isCharacter(c) ? c : 0xfffd);
            }
        });
    }

    private static boolean isCharacter(int c) {
        return c == '\t'
                || c == '\n'
                || c >= 0x20 && c < 0x7f
                || c >= 0xa0 && c < 0xd800
                || c >= 0xe000 && c < 0xfffe
                || c >= 0x10000;
    }

    /** Closes all elements and returns the markup. */
    String finish() {
        while (!open.isEmpty()) {
            close();
        }
        return out.toString();
    }
}
