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
    record Progress(long total, long sent, DemoCounts tally, Summary.Latency latency, double seconds) {

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

        /** Where the rollout stands and who is served by whom. */
        String split() {
            Rollout now = tally.now();
            return format(
                    "%s in stage %d of 0-%d, candidate serves %s, mirrors %s; %,d served by the candidate, %,d fallbacks",
                    now.getStatus(),
                    now.getStage(),
                    now.getStages().size() - 1,
                    new Share(now.getShare()),
                    new Share(now.getMirror()),
                    tally.split().servedByCandidate(),
                    tally.split().fallbacks());
        }

        String verdict() {
            return tally.evaluation() == null
                    ? "no verdict yet"
                    : tally.evaluation().getVerdict().name();
        }

        /** The evidence of each metric that decides, against what it needs. */
        List<String> evidence() {
            if (tally.evaluation() == null) {
                return List.of();
            }
            return tally.evaluation().getMetrics().stream()
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

        /** How the stages so far ended. */
        List<String> timeline() {
            return tally.stages().stream()
                    .map(stage -> format(
                            "%,9d flights: %s stage %d, %s %s",
                            stage.flights(),
                            stage.event(),
                            stage.stage(),
                            stage.kind().toLowerCase(Locale.ROOT),
                            stage.share()))
                    .toList();
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

    /** A picture that is drawn over itself. */
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
            display.resize(terminal.getHeight(), terminal.getWidth());
        }

        @Override
        public void show(Progress progress) {
            if (Thread.currentThread().isInterrupted()) {
                // The process is ending, and the terminal with it.
                return;
            }
            List<AttributedString> lines = new ArrayList<>(List.of(
                    bar("flights", progress.fraction()),
                    bar("share", new Share(progress.tally().now().getShare()).fraction()),
                    new AttributedString("  " + progress.rates()),
                    new AttributedString("  " + progress.served() + "; " + progress.agreement()),
                    new AttributedString("  " + progress.split()),
                    model("existing", progress.tally().existing()),
                    model("candidate", progress.tally().candidate()),
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
                // closed already: the process is ending
            }
        }
    }
}
