package io.understudy.docs;

/** Texts for the cells of a Markdown table. */
final class Cells {

    private Cells() {}

    /** Escapes a text so that it neither ends the cell nor starts markup. */
    static String text(String text) {
        return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ");
    }
}
