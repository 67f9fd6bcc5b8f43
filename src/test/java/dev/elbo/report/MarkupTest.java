package dev.elbo.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class MarkupTest {
    @Test
    void nothingButTextBetweenTags() {
        Markup out = new Markup().open("p", "title", "\"<&>\"").text("</p><script>\"&\0\ud800\u0085");
        assertEquals(
                "<p title=\"&quot;&lt;&amp;&gt;&quot;\">&lt;/p&gt;&lt;script&gt;\"&amp;\ufffd\ufffd\ufffd</p>\n",
                out.finish());
    }
}
