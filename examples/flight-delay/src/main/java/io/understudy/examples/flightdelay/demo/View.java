package io.understudy.examples.flightdelay.demo;

import io.understudy.examples.flightdelay.ForecastQuality;
import io.understudy.schema.RolloutEvaluation;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;
import org.jline.utils.Display;

/** Shows how the replay goes: a few lines that stay in place on a terminal, one line now and then elsewhere. */
interface View extends AutoCloseable {

    /** Shows where things stand. */
    void show(Progress progress);

    @Override
    void close() throws IOException;

    /**
     * Where things stand.
     *
     * @param total flights to be sent; 0 when not known
     * @param sent flights sent
     * @param tally what the topics say
     * @param latency how long answers take
     * @param seconds since the replay began
     */
    record Progress(long total, long sent, Tally tally, Summary.Latency latency, double seconds) {

        private static String format(String text, Object... values) {
            return String.format(Locale.ROOT, text, values);
        }

        double fraction() {
            return total == 0 ? 0 : Math.min(1, (double) tally.served() / total);
        }

        String rates() {
            return format(
                    "%,d sent, %,d served, %,d shadowed, %,d landed, %,.0f/s",
                    sent,
                    tally.served(),
                    tally.shadowed(),
                    tally.outcomes(),
                    tally.served() / Math.max(seconds, 0.001));
        }

        String served() {
            return format("served latency p50 %d ms, p99 %d ms", latency.p50(), latency.p99());
        }

        String agreement() {
            return isJudged() ? format("agreement %.1f %%", 100 * tally.agreement()) : "agreement not known yet";
        }

        static String quality(ForecastQuality quality) {
            return quality.events() == 0
                    ? "not judged yet"
                    : format("Brier %.4f, log loss %.4f", quality.brier(), quality.logLoss());
        }

        String verdict() {
            RolloutEvaluation evaluation = tally.evaluation();
            if (evaluation == null) {
                return "no verdict yet";
            }
            return evaluation.getVerdict()
                    + evaluation.getMetrics().stream()
                            .filter(metric -> metric.getThreshold() != null)
                            .map(metric -> format(
                                    ", %s %.1f of %.1f (harm %.1f of %.1f)",
                                    metric.getName(),
                                    metric.getLogEvidence(),
                                    metric.getThreshold(),
                                    metric.getLogEvidenceOfHarm(),
                                    metric.getThresholdOfHarm()))
                            .collect(Collectors.joining());
        }

        private boolean isJudged() {
            return tally.existing().events() > 0;
        }
    }

    /** A view that fits where the output goes. */
    static View on(PrintStream out) throws IOException {
        if (System.console() == null) {
            return new Lines(out);
        }
        Terminal terminal = TerminalBuilder.builder()
                .system(true)
                .dumb(true)
                // Ctrl-C stays the process's own affair, or nothing would be tidied away.
                .nativeSignals(false)
                .build();
        return terminal.getType().startsWith(Terminal.TYPE_DUMB) ? new Lines(out) : new Live(terminal);
    }

    /** One line every two seconds. */
    final class Lines implements View {

        private static final double INTERVAL_SECONDS = 2;

        private final PrintStream out;
        private double next;

        Lines(PrintStream out) {
            this.out = out;
        }

        @Override
        public void show(Progress progress) {
            if (progress.seconds() >= next) {
                next = progress.seconds() + INTERVAL_SECONDS;
                out.printf(
                        "%s; %s; %s; existing %s; candidate %s; %s%n",
                        progress.rates(),
                        progress.served(),
                        progress.agreement(),
                        Progress.quality(progress.tally().existing()),
                        Progress.quality(progress.tally().candidate()),
                        progress.verdict());
            }
        }

        @Override
        public void close() {
            out.flush();
        }
    }

    /** A picture that is drawn over itself. */
    final class Live implements View {

        private static final int LINES = 6;
        private static final int BAR_WIDTH = 50;
        private static final AttributedStyle FILLED = AttributedStyle.DEFAULT.foreground(AttributedStyle.CYAN);
        private static final AttributedStyle STRONG = AttributedStyle.BOLD;

        private final Terminal terminal;
        private final Display display;

        Live(Terminal terminal) {
            this.terminal = terminal;
            this.display = new Display(terminal, false);
            display.resize(terminal.getHeight(), terminal.getWidth());
        }

        @Override
        public void show(Progress progress) {
            if (Thread.currentThread().isInterrupted()) {
                // The process is ending, and the terminal with it.
                return;
            }
            display.update(
                    List.of(
                            bar(progress),
                            new AttributedString("  " + progress.rates()),
                            new AttributedString("  " + progress.served() + "; " + progress.agreement()),
                            model("existing", progress.tally().existing()),
                            model("candidate", progress.tally().candidate()),
                            new AttributedString("  log evidence  " + progress.verdict())),
                    0);
        }

        private static AttributedString bar(Progress progress) {
            int filled = (int) Math.round(BAR_WIDTH * progress.fraction());
            return new AttributedStringBuilder()
                    .append("  flights  ")
                    .styled(FILLED, "█".repeat(filled))
                    .append("░".repeat(BAR_WIDTH - filled))
                    .append(String.format(Locale.ROOT, " %3.0f %%", 100 * progress.fraction()))
                    .toAttributedString();
        }

        private static AttributedString model(String name, ForecastQuality quality) {
            return new AttributedStringBuilder()
                    .append("  ")
                    .styled(STRONG, String.format("%-10s", name))
                    .append(Progress.quality(quality))
                    .toAttributedString();
        }

        @Override
        public void close() throws IOException {
            try {
                terminal.writer().println("\n".repeat(LINES));
                terminal.flush();
                terminal.close();
            } catch (IllegalStateException e) {
                // closed already: the process is ending
            }
        }
    }
}
