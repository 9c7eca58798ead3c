package io.understudy.examples.flightdelay.demo;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import io.understudy.embedded.EmbeddedStack;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The demo's better candidate, watched, paused, resumed and aborted from the page in a real browser. */
class DemoPageIT {

    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path NODE = Path.of("/usr/bin/node");
    private static final Path SCREENSHOTS = Path.of("target/screenshots");
    private static final Pattern ADDRESS = Pattern.compile("watch it: (\\S+)");
    private static final double PATIENCE_MS = 240_000;
    private static final long FLIGHTS = 300_000;

    private final ByteArrayOutputStream progress = new ByteArrayOutputStream();
    private Page page;

    /** The shadow alone takes a minute, and several on a busy machine. */
    @Test
    @Timeout(value = 8, unit = TimeUnit.MINUTES)
    void aRolloutIsWatchedPausedResumedAndAborted() throws Exception {
        boolean browser = Files.isExecutable(CHROMIUM) && Files.isExecutable(NODE);
        if (!browser) {
            System.err.println(
                    "SKIPPED: the demo is not watched in a browser, which needs " + CHROMIUM + " and " + NODE);
        }
        Assumptions.assumeTrue(browser, "no Chromium or no Node.js on this machine");

        ExecutorService playing = Executors.newSingleThreadExecutor();
        try (EmbeddedStack stack = EmbeddedStack.temporary();
                Playwright playwright = Playwright.create(new Playwright.CreateOptions()
                        .setEnv(Map.of(
                                "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1", "PLAYWRIGHT_NODEJS_PATH", NODE.toString())));
                Browser chromium = playwright
                        .chromium()
                        .launch(new BrowserType.LaunchOptions()
                                .setExecutablePath(CHROMIUM)
                                .setChromiumSandbox(false)
                                .setArgs(List.of(
                                        "--disable-gpu",
                                        "--disable-quic",
                                        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")))) {
            Demo demo = new Demo(
                    Path.of("."), Scenario.good, new PrintStream(progress, true, UTF_8), "a-token-of-this-test");
            Future<Summary> playedOut = playing.submit(
                    () -> demo.play(stack, Path.of(DemoCommand.SLICE), FLIGHTS, Pace.ofDay(Pace.DEMO_DAY)));
            page = chromium.newPage(
                    new Browser.NewPageOptions().setViewportSize(1280, 1100).setTimezoneId("UTC"));
            page.navigate(address(playedOut));

            watches();
            pausesAndResumes();
            aborts();

            Summary summary = playedOut.get();
            assertThat(summary.finalStatus()).isEqualTo("ABORTED");
            assertThat(summary.isFlawless()).as("%s", summary).isTrue();
        } finally {
            playing.shutdownNow();
        }
    }

    private String address(Future<Summary> playedOut) throws Exception {
        long giveUpAt = System.nanoTime() + (long) (PATIENCE_MS * 1e6);
        while (System.nanoTime() < giveUpAt) {
            Matcher address = ADDRESS.matcher(progress.toString(UTF_8));
            if (address.find()) {
                return address.group(1);
            }
            if (playedOut.isDone()) {
                playedOut.get();
            }
            Thread.onSpinWait();
        }
        throw new AssertionError("no address: " + progress.toString(UTF_8));
    }

    private Locator status() {
        return page.locator("article .status").first();
    }

    /** From shadow to the second canary, by its evidence alone. */
    private void watches() {
        assertThat(page.locator(".stages [aria-current=step]"))
                .hasText(Pattern.compile("2 canary.*"), new LocatorAssertions.HasTextOptions().setTimeout(PATIENCE_MS));
        assertThat(page.locator(".timeline")).containsText("brier is better");
        assertThat(page.locator("#freshness")).hasText("Live");
        assertThat(page.getByRole(AriaRole.TABLE)).containsText("brier");
        assertThat(page.locator("figure canvas").count()).isGreaterThan(5);
    }

    private void pausesAndResumes() {
        command("Pause", "a look at the logs");
        assertThat(status()).hasText("PAUSED");
        assertThat(page.locator(".timeline li").first()).containsText("a look at the logs");
        command("Resume", "all is well");
        assertThat(status()).hasText("RUNNING");
        page.screenshot(new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve("rollout.png")));
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(SCREENSHOTS.resolve("rollout-whole.png"))
                .setFullPage(true));
    }

    private void aborts() {
        command("Abort", "seen enough");
        assertThat(status()).hasText("ABORTED");
        assertThat(page.locator(".reason").first()).hasText("seen enough");
        page.screenshot(new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve("aborted.png")));
    }

    private void command(String name, String reason) {
        page.getByRole(
                        AriaRole.BUTTON,
                        new Page.GetByRoleOptions().setName(name).setExact(true))
                .click();
        Locator dialog = page.getByRole(AriaRole.DIALOG);
        dialog.getByLabel("Your name").fill("ann");
        dialog.getByLabel("Reason").fill(reason);
        dialog.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name))
                .click();
        assertThat(dialog).isHidden();
    }
}
