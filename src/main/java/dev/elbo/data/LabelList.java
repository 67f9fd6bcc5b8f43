package dev.elbo.data;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The labels of examples, one each, as they were found: whole numbers, or words; the other of the two is null. */
record LabelList(int[] numbers, String[] words) {
    static LabelList ofNumbers(int[] numbers) {
        return new LabelList(numbers, null);
    }

    /** @param words none of them empty, and at most {@value CsvLabels#MOST} different */
    static LabelList ofWords(String[] words) {
        return new LabelList(null, words);
    }

    int count() {
        return words == null ? numbers.length : words.length;
    }

    /** Data with these labels; words are numbered in their sorted order. */
    Dataset onto(Dataset data) {
        return onto(new Split(data, Optional.empty()), Optional.of(this), Optional.empty())
                .train();
    }

    /** Returns whether the labels of training and test data are of one kind, so that equal ones mean the same. */
    static boolean agree(LabelList train, LabelList test) {
        return (train.words == null) == (test.words == null) || train.areNumbers() && test.areNumbers();
    }

    /** Returns the kind of the labels, for messages. */
    String kind() {
        return words == null ? "numbers" : "words";
    }

    /** Returns whether all are whole numbers, be they written as words. */
    private boolean areNumbers() {
        return words == null || numbered().names().isEmpty();
    }

    /** Data with labels, as many as there are examples; words of training and test data have one numbering. */
    static Split onto(Split split, Optional<LabelList> train, Optional<LabelList> test) {
        CsvLabels all = new CsvLabels();
        train.ifPresent(labels -> labels.addTo(all));
        test.ifPresent(labels -> labels.addTo(all));
        int[] values = all.values();
        int first = train.map(LabelList::wordCount).orElse(0);
        return new Split(
                labelled(split.train(), train, Arrays.copyOf(values, first), all.names()),
                split.test()
                        .map(data ->
                                labelled(data, test, Arrays.copyOfRange(values, first, values.length), all.names())),
                split.validation(),
                split.complete());
    }

    private static Dataset labelled(
            Dataset data, Optional<LabelList> labels, int[] ofWords, Optional<List<String>> names) {
        if (labels.isEmpty()) {
            return data;
        }
        boolean words = labels.get().words != null;
        Dataset labelled = data.withLabels(words ? ofWords : labels.get().numbers);
        return words ? labelled.withNames(data.columns(), names) : labelled;
    }

    private int wordCount() {
        return words == null ? 0 : words.length;
    }

    private CsvLabels numbered() {
        CsvLabels labels = new CsvLabels();
        addTo(labels);
        return labels;
    }

    private void addTo(CsvLabels labels) {
        for (int i = 0; i < wordCount(); i++) {
            labels.add(words[i], "label " + i + " (from 0)");
        }
    }
}
