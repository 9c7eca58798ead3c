package io.understudy.benchmarks.calibration;

import java.util.List;

/**
 * One table of the page.
 *
 * @param name the name that {@code --only} finds
 * @param heading the heading on the page
 * @param text what the table shows, Markdown
 * @param columns the names of the columns after the first, which names the row
 * @param rows the rows, which are measured when the page is written
 */
record Section(String name, String heading, String text, List<String> columns, List<Row> rows) {

    /**
     * One row.
     *
     * @param name what the row is about
     * @param measurement measures its cells
     */
    record Row(String name, Measurement measurement) {}

    /** Measures the cells of a row. */
    interface Measurement {

        /** The cells after the first, one for each column. */
        List<String> cells(Runs runs);
    }

    /** Heading, text and the head of the table, Markdown. */
    String head() {
        return "\n## " + heading + "\n\n" + text + "\n| setting | " + String.join(" | ", columns) + " |\n|---|"
                + "---:|".repeat(columns.size()) + "\n";
    }
}
