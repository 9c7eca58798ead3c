package io.understudy.docs;

/** Texts in the cells of a Markdown table. */
final class Cells {

    private Cells() {}

    /** A text that ends no cell and begins no markup. */
    static String text(String text) {
        return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ");
    }
}
