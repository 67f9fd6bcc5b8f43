package dev.elbo.data;

import dev.elbo.data.CsvOptions.Decimal;
import dev.elbo.data.CsvOptions.Delimiter;
import dev.elbo.data.CsvOptions.Thousands;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** A table of numbers as plain CSV, and written in any other form that is read. */
final class CsvForms {
    private final Random random;
    private final List<String> names;
    private final String[][] numbers;

    CsvForms(Random random) {
        this.random = random;
        int width = 1 + random.nextInt(6);
        numbers = new String[1 + random.nextInt(12)][width];
        for (String[] row : numbers) {
            for (int i = 0; i < width; i++) {
                row[i] = number();
            }
        }
        List<String> made = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            made.add("n" + i);
        }
        names = random.nextBoolean() ? made : List.of();
    }

    private String number() {
        return switch (random.nextInt(4)) {
            case 0 -> Integer.toString(random.nextInt(10));
            case 1 -> Integer.toString(random.nextInt());
            case 2 -> Float.toString(random.nextFloat() - 0.5f);
            default -> random.nextInt(10_000_000) + "." + random.nextInt(100);
        };
    }

    int width() {
        return numbers[0].length;
    }

    /** Commas, points, and names in the first line or not. */
    String plain() {
        StringBuilder text = new StringBuilder();
        if (!names.isEmpty()) {
            text.append(String.join(",", names)).append('\n');
        }
        for (String[] row : numbers) {
            text.append(String.join(",", row)).append('\n');
        }
        return text.toString();
    }

    /** The same numbers. */
    record Form(String text, CsvOptions options) {}

    /** Another form, and the options that it needs. */
    Form other() {
        Delimiter delimiter = Delimiter.values()[1 + random.nextInt(Delimiter.values().length - 1)];
        Decimal decimal = delimiter == Delimiter.COMMA ? Decimal.POINT : Decimal.values()[random.nextInt(2)];
        Thousands thousands = Thousands.values()[random.nextInt(Thousands.values().length)];
        if (thousands.is(decimal.character)) {
            thousands = Thousands.NONE;
        }
        Optional<Character> comment =
                random.nextBoolean() ? Optional.of("#%!".charAt(random.nextInt(3))) : Optional.empty();
        // one column has no delimiter to be found, and blanks may be those of thousands
        boolean found = width() > 1 && random.nextBoolean();
        CsvOptions plain = CsvOptions.DEFAULT
                .withDelimiter(found ? Delimiter.AUTO : delimiter)
                .withDecimal(decimal)
                .withThousands(thousands);
        CsvOptions options = comment.map(plain::withComment).orElse(plain);
        StringBuilder text = new StringBuilder();
        String end = List.of("\n", "\r\n", "\r").get(random.nextInt(3));
        if (!names.isEmpty()) {
            boolean marked = !comment.equals(Optional.of('#')) && random.nextBoolean();
            comments(text, comment, end);
            text.append(marked ? List.of("#", "# ", " #").get(random.nextInt(3)) : "");
            line(text, delimiter, names, !found, end);
        }
        for (String[] row : numbers) {
            comments(text, comment, end);
            List<String> fields = new ArrayList<>();
            for (String number : row) {
                String field = grouped(number, decimal, thousands);
                boolean quoted = field.indexOf(delimiter.character) >= 0
                        || found && !number.equals(field) && field.matches(".*[,;|\t ].*")
                        || random.nextInt(8) == 0;
                fields.add(quoted ? '"' + field + '"' : field);
            }
            line(text, delimiter, fields, !found, end);
        }
        comments(text, comment, end);
        return new Form(text.toString(), options);
    }

    private void comments(StringBuilder text, Optional<Character> comment, String end) {
        while (comment.isPresent() && random.nextInt(3) == 0) {
            text.append(blanks(0, false))
                    .append(comment.get())
                    .append(List.of("", " a, \"b", "1 2|3").get(random.nextInt(3)));
            text.append(end);
        }
    }

    private void line(StringBuilder text, Delimiter delimiter, List<String> fields, boolean tabs, String end) {
        boolean runs = delimiter == Delimiter.SPACE;
        text.append(runs ? blanks(0, tabs) : "");
        for (int i = 0; i < fields.size(); i++) {
            String between = runs ? blanks(1, tabs) : Character.toString(delimiter.character);
            text.append(i == 0 ? "" : between).append(fields.get(i));
        }
        text.append(runs ? blanks(0, tabs) : "").append(end);
    }

    /** Tabs among them only where they are not found to be the delimiter. */
    private String blanks(int least, boolean tabs) {
        StringBuilder run = new StringBuilder();
        for (int more = least + random.nextInt(3); more > 0; more--) {
            run.append(tabs && random.nextInt(3) == 0 ? '\t' : ' ');
        }
        return run.toString();
    }

    /** A number with a separator before every three digits, as far as it has so many. */
    static String grouped(String number, Decimal decimal, Thousands thousands) {
        String separator = switch (thousands) {
            case NONE -> "";
            case COMMA -> ",";
            case POINT -> ".";
            case SPACE -> number.hashCode() % 2 == 0 ? " " : "\u202f";
            case APOSTROPHE -> "'";
        };
        int end = 0;
        while (end < number.length() && "-0123456789".indexOf(number.charAt(end)) >= 0) {
            end++;
        }
        String whole = number.substring(0, end).replaceAll("(?<=\\d)(?=(?:\\d{3})+$)", separator);
        return whole + number.substring(end).replace('.', decimal.character);
    }
}
