package dev.elbo.data;

import java.util.ArrayList;
import java.util.List;

/** Keeps the notes of a reading. */
final class Notes implements Progress {
    final List<String> lines = new ArrayList<>();

    @Override
    public void at(String file, long bytes, long total) {}

    @Override
    public void note(String line) {
        lines.add(line);
    }
}
