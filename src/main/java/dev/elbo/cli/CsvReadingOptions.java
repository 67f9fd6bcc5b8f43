package dev.elbo.cli;

import dev.elbo.data.CsvOptions;
import dev.elbo.data.CsvOptions.Decimal;
import dev.elbo.data.CsvOptions.Delimiter;
import dev.elbo.data.CsvOptions.Header;
import dev.elbo.data.CsvOptions.Thousands;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options for reading CSV data. */
final class CsvReadingOptions {
    @Option(
            names = "--header",
            paramLabel = "WHEN",
            defaultValue = "auto",
            description =
                    "Content of the first line of a CSV file: yes for names, no for numbers; auto takes it for names"
                            + " if columns are selected by name or none of its fields is a number (default: ${DEFAULT-VALUE}).")
    private Header header;

    @Option(
            names = "--delimiter",
            paramLabel = "C",
            defaultValue = "auto",
            converter = DelimiterConverter.class,
            description =
                    "Delimiter of CSV fields: , or ; or | or tab, or space for any number of blanks; auto takes the"
                            + " first of tab, semicolon, comma, | and blanks that the first line contains (default:"
                            + " ${DEFAULT-VALUE}).")
    private Delimiter delimiter;

    @Option(
            names = "--decimal",
            paramLabel = "C",
            defaultValue = "point",
            description = "Decimal separator of CSV numbers: point or comma (default: ${DEFAULT-VALUE}).")
    private Decimal decimal;

    @Option(
            names = "--thousands",
            paramLabel = "C",
            defaultValue = "none",
            converter = ThousandsConverter.class,
            description =
                    "Separator between the thousands of CSV numbers, as in 1,234.5: , or . or ' or space (default:"
                            + " ${DEFAULT-VALUE}). Fields that contain the delimiter must be in quotes.")
    private Thousands thousands;

    @Option(
            names = "--comment",
            paramLabel = "C",
            converter = CommentConverter.class,
            description = "Skip CSV lines that begin with this character, such as # or %%. Without --comment, the first"
                    + " line may hold the column names behind a #; with --comment # that line is skipped too, and the"
                    + " names are those of the next line, if it has any.")
    private Character comment;

    @Option(
            names = "--columns",
            paramLabel = "C,..",
            split = ",",
            description =
                    "CSV columns to read, in this order: names, numbers from 1, ranges such as 2-5 (default: all; for"
                            + " a model that knows its columns by name, those).")
    private List<String> columns = List.of();

    @Option(
            names = "--ignore-columns",
            paramLabel = "C,..",
            split = ",",
            description = "CSV columns to leave out, in the same notation.")
    private List<String> ignored = List.of();

    @Option(
            names = "--label-column",
            paramLabel = "C",
            description = "CSV column of labels, whole numbers or words, which is not an input.")
    private String label;

    static final class DelimiterConverter implements ITypeConverter<Delimiter> {
        @Override
        public Delimiter convert(String value) {
            return switch (value.toLowerCase(Locale.ROOT)) {
                case "auto" -> Delimiter.AUTO;
                case ",", "comma" -> Delimiter.COMMA;
                case ";", "semicolon" -> Delimiter.SEMICOLON;
                case "\t", "\\t", "tab" -> Delimiter.TAB;
                case "|", "pipe" -> Delimiter.PIPE;
                case " ", "space" -> Delimiter.SPACE;
                default -> throw new TypeConversionException("'" + value + "' is not one of , ; | tab space auto");
            };
        }
    }

    static final class ThousandsConverter implements ITypeConverter<Thousands> {
        @Override
        public Thousands convert(String value) {
            return switch (value.toLowerCase(Locale.ROOT)) {
                case "none" -> Thousands.NONE;
                case ",", "comma" -> Thousands.COMMA;
                case ".", "point" -> Thousands.POINT;
                case " ", "space" -> Thousands.SPACE;
                case "'", "apostrophe" -> Thousands.APOSTROPHE;
                default -> throw new TypeConversionException("'" + value + "' is not one of , . ' space none");
            };
        }
    }

    static final class CommentConverter implements ITypeConverter<Character> {
        @Override
        public Character convert(String value) {
            if (value.length() != 1) {
                throw new TypeConversionException("'" + value + "' is not one character");
            }
            return value.charAt(0);
        }
    }

    CsvOptions options() {
        return Check.usage(() -> new CsvOptions(
                header,
                delimiter,
                decimal,
                thousands,
                Optional.ofNullable(comment),
                columns,
                ignored,
                Optional.ofNullable(label),
                List.of()));
    }
}
