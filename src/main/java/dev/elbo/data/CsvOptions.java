package dev.elbo.data;

/** How text tables are read. */
public record CsvOptions() {
    /** What is right for most files. */
    public static final CsvOptions DEFAULT = new CsvOptions();
}
