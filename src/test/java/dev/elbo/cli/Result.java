package dev.elbo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;

/** What a command line came to. */
public record Result(int code, String out, String err) {
    public static Result of(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(args, new PrintWriter(out), new PrintWriter(err));
        return new Result(code, out.toString(), err.toString());
    }

    public Result mustWork() {
        assertEquals(0, code, err);
        return this;
    }

    /** Its last line is ours and has all words. */
    public void mustFail(int expected, String... words) {
        assertEquals(expected, code, err);
        String last = err.lines().reduce((a, b) -> b).orElse("");
        assertTrue(last.startsWith("elbo: "), err);
        for (String word : words) {
            assertTrue(last.contains(word), last + " lacks " + word);
        }
    }
}
