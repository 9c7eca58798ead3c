package io.understudy.examples.flightdelay.demo;

import io.understudy.assignment.Share;
import io.understudy.examples.flightdelay.ForecastQuality;
import io.understudy.schema.Rollout;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;
import org.jline.utils.Display;

/** Shows the progress of the replay: a few updated lines on a terminal, a new line every two seconds elsewhere. */
interface View extends AutoCloseable {

    /** Shows the progress. */
    void show(Progress progress);

    @Override
    void close() throws IOException;

    /**
     * The progress of a replay.
     *
     * @param total number of flights to send; 0 when not known
     * @param sent number of flights sent
     * @param counts counts from the topics
     * @param latency latency of the answers
     * @param seconds time since the start of the replay
     */
    record Progress(long total, long sent, DemoCounts counts, Summary.Latency latency, double seconds) {

        private static String format(String text, Object... values) {
            return String.format(Locale.ROOT, text, values);
        }

        double fraction() {
            return total == 0 ? 0 : Math.min(1, (double) counts.served() / total);
        }

        String rates() {
            return format(
                    "%,d sent, %,d served, %,d shadowed, %,d landed, %,.0f/s",
                    sent,
                    counts.served(),
                    counts.shadowed(),
                    counts.outcomes(),
                    counts.served() / Math.max(seconds, 0.001));
        }

        String served() {
            return format("served latency p50 %d ms, p99 %d ms", latency.p50(), latency.p99());
        }

        String agreement() {
            return hasComparisons() ? format("agreement %.1f %%", 100 * counts.agreement()) : "agreement not known yet";
        }

        static String quality(ForecastQuality quality) {
            return quality.events() == 0
                    ? "not known yet"
                    : format("Brier %.4f, log loss %.4f", quality.brier(), quality.logLoss());
        }

        /** The state of the rollout, and how many requests each model served. */
        String split() {
            Rollout current = counts.current();
            return format(
                    "%s in stage %d of 0-%d, candidate serves %s, mirrors %s; %,d served by the candidate, %,d fallbacks",
                    current.getStatus(),
                    current.getStage(),
                    current.getStages().size() - 1,
                    new Share(current.getShare()),
                    new Share(current.getMirror()),
                    counts.split().servedByCandidate(),
                    counts.split().fallbacks());
        }

        String verdict() {
            return counts.evaluation() == null
                    ? "no verdict yet"
                    : counts.evaluation().getVerdict().name();
        }

        /** The evidence of each metric that affects the decision, and its threshold. */
        List<String> evidence() {
            if (counts.evaluation() == null) {
                return List.of();
            }
            return counts.evaluation().getMetrics().stream()
                    .filter(metric -> metric.getThreshold() != null)
                    .map(metric -> format(
                            "%s %.1f of %.1f (harm %.1f of %.1f)",
                            metric.getName(),
                            metric.getLogEvidence(),
                            metric.getThreshold(),
                            metric.getLogEvidenceOfHarm(),
                            metric.getThresholdOfHarm()))
                    .toList();
        }

        /** The stages that have ended. */
        List<String> timeline() {
            return counts.stages().stream()
                    .map(stage -> format(
                            "%,9d flights: %s stage %d, %s %s",
                            stage.flights(),
                            stage.event(),
                            stage.stage(),
                            stage.kind().toLowerCase(Locale.ROOT),
                            stage.share()))
                    .toList();
        }

        private boolean hasComparisons() {
            return counts.existing().events() > 0;
        }
    }

    /** Creates a view for a terminal or for other output. */
    @SuppressWarnings("SystemConsoleNull") // Java 17 has no Console.isTerminal().
    static View on(PrintStream out) throws IOException {
        if (System.console() == null) {
            return new Lines(out);
        }
        Terminal terminal = TerminalBuilder.builder()
                .system(true)
                .dumb(true)
                // The process handles Ctrl-C itself so that it can clean up.
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
                        "%s; %s; %s; %s; %s%n",
                        progress.rates(),
                        progress.served(),
                        progress.split(),
                        progress.verdict(),
                        String.join(", ", progress.evidence()));
            }
        }

        @Override
        public void close() {
            out.flush();
        }
    }

    /** Lines that are updated in place. */
    final class Live implements View {

        private static final int BAR_WIDTH = 50;
        private static final AttributedStyle FILLED = AttributedStyle.DEFAULT.foreground(AttributedStyle.CYAN);
        private static final AttributedStyle STRONG = AttributedStyle.BOLD;

        private final Terminal terminal;
        private final Display display;
        private int drawn;

        Live(Terminal terminal) {
            this.terminal = terminal;
            this.display = new Display(terminal, false);
            display.resize(terminal.getSize());
        }

        @Override
        public void show(Progress progress) {
            if (Thread.currentThread().isInterrupted()) {
                // The process is stopping, and the terminal may be closed.
                return;
            }
            List<AttributedString> lines = new ArrayList<>(List.of(
                    bar("flights", progress.fraction()),
                    bar("share", new Share(progress.counts().current().getShare()).fraction()),
                    new AttributedString("  " + progress.rates()),
                    new AttributedString("  " + progress.served() + "; " + progress.agreement()),
                    new AttributedString("  " + progress.split()),
                    model("existing", progress.counts().existing()),
                    model("candidate", progress.counts().candidate()),
                    new AttributedString("  evidence  " + progress.verdict())));
            progress.evidence().forEach(metric -> lines.add(new AttributedString("    " + metric)));
            progress.timeline().forEach(event -> lines.add(new AttributedString("  " + event)));
            drawn = lines.size();
            display.update(lines, 0);
        }

        private static AttributedString bar(String name, double fraction) {
            int filled = (int) Math.round(BAR_WIDTH * fraction);
            return new AttributedStringBuilder()
                    .append(String.format("  %-9s", name))
                    .styled(FILLED, "█".repeat(filled))
                    .append("░".repeat(BAR_WIDTH - filled))
                    .append(String.format(Locale.ROOT, " %3.0f %%", 100 * fraction))
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
                terminal.writer().println("\n".repeat(drawn));
                terminal.flush();
                terminal.close();
            } catch (IllegalStateException e) {
                // already closed because the process is stopping
            }
        }
    }
}
