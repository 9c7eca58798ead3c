package io.understudy.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.understudy.schema.ArmEvaluation;
import io.understudy.schema.ArmTotals;
import io.understudy.schema.MetricEvaluation;
import io.understudy.schema.MetricRole;
import io.understudy.schema.Rollout;
import io.understudy.schema.RolloutEvaluation;
import io.understudy.schema.RolloutEvent;
import io.understudy.schema.RolloutEventType;
import io.understudy.schema.RolloutState;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.RolloutVerb;
import io.understudy.schema.Verdict;
import io.understudy.testing.States;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The page in a real browser. */
class PageIT {

    private static final Path SCREENSHOTS = Path.of("target/screenshots");
    private static final String SCRIPT = "<img src=x onerror=\"window.hacked=1\"><script>window.hacked=1</script>";
    private static final int STREAM_CLIENTS = 10;
    private static final double PATIENCE_MS = 15_000;

    private static Chromium chromium;

    private final AtomicReference<Instant> now = new AtomicReference<>(ConsoleFixture.NOW);
    private final List<String> errors = new ArrayList<>();
    private ConsoleFixture console;
    private BrowserContext context;
    private Page page;

    @BeforeAll
    static void startBrowser() {
        chromium = Chromium.orSkip();
    }

    @AfterAll
    static void stopBrowser() {
        if (chromium != null) {
            chromium.close();
        }
    }

    @BeforeEach
    void start() {
        console = new ConsoleFixture(0, true, STREAM_CLIENTS, now::get);
        fill(console);
        ready(console);
        context(1200, 900, ColorScheme.LIGHT);
    }

    private void context(int width, int height, ColorScheme scheme) {
        context = chromium.browser()
                .newContext(new Browser.NewContextOptions()
                        .setViewportSize(width, height)
                        .setColorScheme(scheme)
                        .setLocale("en-GB")
                        .setTimezoneId("UTC"));
        context.setDefaultTimeout(PATIENCE_MS);
        page = context.newPage();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                errors.add(message.text() + " @" + message.location());
            }
        });
        page.onPageError(errors::add);
    }

    @AfterEach
    void stop() {
        context.close();
        console.close();
    }

    private static void ready(ConsoleFixture filled) {
        filled.view.caughtUp();
        filled.view.contact();
    }

    private static void fill(ConsoleFixture filled) {
        RolloutState state = States.serving(50_000);
        filled.view.state(state);
        filled.view.state(RolloutState.newBuilder(States.withoutRollout())
                .setDeployment("zebra")
                .build());
        filled.view.event(RolloutEvent.newBuilder()
                .setDeployment("sums")
                .setType(RolloutEventType.STARTED)
                .setActor(SCRIPT)
                .setReason("because " + SCRIPT)
                .setRollout("sums-v2-2")
                .setStage(0)
                .setStateVersion(2)
                .setState(state)
                .setEvidence("{\"reason\":\"</pre><script>window.hacked=1</script>\"}")
                .setAt(ConsoleFixture.NOW)
                .build());
        for (int i = 1; i <= 30; i++) {
            filled.view.evaluation(evaluation(i));
        }
    }

    private static RolloutEvaluation evaluation(int window) {
        double width = 0.05 / Math.sqrt(window);
        return RolloutEvaluation.newBuilder(
                        ApiTest.evaluation(ConsoleFixture.NOW.plusSeconds(10L * window), Verdict.CONTINUE))
                .setReason("not shown yet: brier better; " + SCRIPT)
                .setMetrics(List.of(MetricEvaluation.newBuilder()
                        .setName("brier")
                        .setKind("brier")
                        .setRole(MetricRole.SUCCESS)
                        .setExisting(new ArmEvaluation(100L * window, 0.155))
                        .setCandidate(new ArmEvaluation(100L * window, 0.14))
                        .setEffect(-0.015)
                        .setLow(-0.015 - width)
                        .setHigh(-0.015 + width)
                        .setWorthwhile(-0.004)
                        .setLogEvidence(0.12 * window)
                        .setThreshold(5.075)
                        .setLogEvidenceOfHarm(0)
                        .setThresholdOfHarm(5.075)
                        .build()))
                .setExisting(totals(window))
                .setCandidate(totals(window))
                .setScoreEdges(List.of(0.0, 0.5, 1.0))
                .setWarnings(List.of("keys come back"))
                .build();
    }

    private static ArmTotals totals(int window) {
        return new ArmTotals(
                100L * window, 90L * window, 80L * window, List.of(0.75, 0.25), 12.0, 40.0 + window, 60.0 + window);
    }

    private void open() {
        page.navigate("http://127.0.0.1:" + console.port() + "/#token=" + ConsoleFixture.TOKEN);
        assertThat(page.getByRole(
                        AriaRole.HEADING,
                        new Page.GetByRoleOptions().setName("sums").setExact(true)))
                .isVisible();
        assertThat(page.locator("#freshness")).hasText("Live");
        assertThat(page.locator(".timeline li")).hasCount(1);
    }

    private Locator button(String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private void nothingWentWrong() {
        // Events of the browser arrive while it is asked something.
        page.waitForTimeout(1);
        assertThat(errors).isEmpty();
    }

    /** What a checker for people who cannot see, or cannot tell colours, has to say. */
    @SuppressWarnings("unchecked")
    private List<String> barriers() throws Exception {
        try (InputStream script = AxeBuilder.class.getResourceAsStream("/axe.min.js")) {
            page.evaluate(new String(script.readAllBytes(), UTF_8));
        }
        var found = (List<Map<String, Object>>) page.evaluate("""
                async () => (await axe.run(document, {runOnly: {type: 'tag',
                    values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']}}))
                  .violations.map(v => ({id: v.id, nodes: v.nodes.map(n => n.target.join(' ') + ': ' + n.failureSummary)}))""");
        return found.stream().map(one -> one.get("id") + " " + one.get("nodes")).toList();
    }

    @ParameterizedTest
    @EnumSource(
            value = ColorScheme.class,
            names = {"LIGHT", "DARK"})
    void isReadableOnAPhoneInLightAndDarkWithoutBarriers(ColorScheme scheme) throws Exception {
        context.close();
        context(400, 800, scheme);
        open();
        assertThat(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
                .as("nothing sticks out at the side")
                .isEqualTo(true);
        assertThat(page.evaluate("getComputedStyle(document.body).backgroundColor"))
                .isEqualTo(scheme == ColorScheme.DARK ? "rgb(17, 22, 28)" : "rgb(255, 255, 255)");
        assertThat(barriers()).isEmpty();
        button("Abort").click();
        assertThat(barriers()).as("in the dialog").isEmpty();
        button("Cancel").click();
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(SCREENSHOTS.resolve("phone-" + scheme + ".png"))
                .setFullPage(true));
        nothingWentWrong();
    }

    @Test
    void showsWhereEveryDeploymentAndTheRolloutStand() {
        open();
        assertThat(page.getByRole(AriaRole.NAVIGATION)).containsText("zebra");
        assertThat(page.getByRole(AriaRole.NAVIGATION)).containsText("RUNNING v2, stage 0 of 0–0, 50\u00a0%");
        assertThat(page.locator(".stages [aria-current=step]")).containsText("0 canary");
        assertThat(page.getByRole(AriaRole.TABLE)).containsText("3.6 of 5.075");
        assertThat(page.locator("figure canvas")).hasCount(6);
        assertThat(page.getByRole(AriaRole.IMG, new Page.GetByRoleOptions().setName("Traffic split: 50 %")))
                .isVisible();
        assertThat(page.getByRole(AriaRole.IMG, new Page.GetByRoleOptions().setName("brier (brier, success): effect")))
                .hasAttribute(
                        "aria-label",
                        Pattern.compile(".*: -0.015, from -0.02413 to -0.005871; worthwhile effect -0.004"));
        assertThat(page.locator("#content")).containsText("keys come back");
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(SCREENSHOTS.resolve("desk.png"))
                .setFullPage(true));
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("zebra"))
                .click();
        assertThat(page.locator("#content")).containsText("no rollout yet");
        nothingWentWrong();
    }

    @Test
    void showsScriptInNamesAndReasonsAsText() {
        open();
        assertThat(page.locator(".timeline li")).containsText(SCRIPT);
        page.getByText("Evidence", new Page.GetByTextOptions().setExact(true))
                .last()
                .click();
        assertThat(page.locator(".timeline pre")).containsText("</pre><script>");
        assertThat(page.evaluate("window.hacked")).isNull();
        assertThat(page.locator("#content img, #content script")).hasCount(0);
        nothingWentWrong();
    }

    @Test
    void isLive() {
        open();
        console.view.evaluation(RolloutEvaluation.newBuilder(evaluation(31))
                .setReason("told later\u2028on another line")
                .build());
        console.view.state(RolloutState.newBuilder(States.serving(50_000))
                .setVersion(3)
                .setRollout(Rollout.newBuilder(States.serving(50_000).getRollout())
                        .setStatus(RolloutStatus.HELD)
                        .setReason("NO_DATA")
                        .build())
                .build());
        assertThat(page.locator(".verdict")).containsText("told later");
        assertThat(page.locator(".verdict")).containsText("on another line");
        assertThat(page.locator("h1 + p .status")).hasText("HELD");
        assertThat(button("Retry")).isVisible();
        assertThat(button("Pause")).hasCount(0);
        nothingWentWrong();
    }

    @Test
    void showsARolloutThatAnotherHasFollowed() {
        console.view.state(RolloutState.newBuilder(States.serving(50_000))
                .setVersion(9)
                .setRollout(Rollout.newBuilder(States.serving(50_000).getRollout())
                        .setId("sums-v3-9")
                        .build())
                .build());
        page.navigate("http://127.0.0.1:" + console.port() + "/");
        assertThat(page.locator("article")).containsText("Rollout sums-v3-9");
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("sums-v2-2"))
                .click();
        assertThat(page.locator("article")).containsText("Rollout sums-v2-2");
        assertThat(page.locator(".timeline li")).hasCount(1);
        assertThat(button("Abort")).hasCount(0);
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("sums-v3-9"))
                .click();
        assertThat(button("Abort")).isVisible();
        nothingWentWrong();
    }

    @Test
    void sendsACommandByKeyboardAloneWithAReason() {
        open();
        button("Pause").focus();
        page.keyboard().press("Enter");
        assertThat(page.getByRole(AriaRole.DIALOG)).isVisible();
        assertThat(page.getByLabel("Your name")).isFocused();
        page.keyboard().type("ann");
        page.keyboard().press("Tab");
        page.keyboard().type("a look at the logs");
        page.keyboard().press("Tab");
        page.keyboard().press("Enter");
        assertThat(page.getByRole(AriaRole.DIALOG)).isHidden();
        assertThat(console.commands).singleElement().satisfies(command -> {
            assertThat(command.getVerb()).isEqualTo(RolloutVerb.PAUSE);
            assertThat(command.getActor()).isEqualTo("ann");
            assertThat(command.getReason()).isEqualTo("a look at the logs");
            assertThat(command.getExpectedVersion()).isEqualTo(2);
            assertThat(command.getRollout()).isEqualTo("sums-v2-2");
        });
        nothingWentWrong();
    }

    @Test
    void sendsNothingWithoutAReasonAndTellsWhyACommandWasRejected() {
        console.controller =
                command -> RolloutEvent.newBuilder(ConsoleFixture.event(command, RolloutEventType.REJECTED))
                        .setReason("expected version 2, but the state is at version 3")
                        .build();
        open();
        button("Abort").click();
        page.getByLabel("Your name").fill("ann");
        page.getByRole(AriaRole.DIALOG)
                .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Abort"))
                .click();
        assertThat(console.commands).as("without a reason").isEmpty();
        page.getByLabel("Reason").fill("enough");
        page.getByRole(AriaRole.DIALOG)
                .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Abort"))
                .click();
        assertThat(page.getByRole(AriaRole.ALERT)).hasText("expected version 2, but the state is at version 3");
        page.keyboard().press("Escape");
        assertThat(page.getByRole(AriaRole.DIALOG)).isHidden();
    }

    @Test
    void asksForTheTokenWhereItHasNone() {
        page.navigate("http://127.0.0.1:" + console.port() + "/");
        button("Pause").click();
        page.getByLabel("Your name").fill("ann");
        page.getByLabel("Reason").fill("why not");
        page.getByRole(AriaRole.DIALOG)
                .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Pause"))
                .click();
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("a token is needed");
        page.getByLabel("Token of this console").fill(ConsoleFixture.TOKEN);
        page.keyboard().press("Enter");
        assertThat(page.getByRole(AriaRole.DIALOG)).isHidden();
        assertThat(console.commands).hasSize(1);
    }

    @Test
    void saysWhenTheBrokerIsSilent() {
        open();
        now.set(ConsoleFixture.NOW.plusSeconds(60));
        assertThat(page.locator("#freshness")).containsText("the broker does not answer the console");
        console.view.contact();
        assertThat(page.locator("#freshness")).hasText("Live");
        // A stream that is cut off meanwhile, on a busy machine, is one that the page has opened again.
        errors.removeIf(error -> error.contains("/api/stream"));
        nothingWentWrong();
    }

    @Test
    void survivesARestartOfTheConsoleAndSaysSoMeanwhile() throws Exception {
        open();
        int port = console.port();
        console.close();
        assertThat(page.locator("#freshness")).containsText("Stale since");
        console = new ConsoleFixture(port, true, STREAM_CLIENTS, now::get);
        assertThat(page.locator("#freshness")).containsText("still being read");
        assertThat(page.locator("#content")).containsText("Rollout sums-v2-2");
        fill(console);
        ready(console);
        assertThat(page.locator("#freshness")).hasText("Live");
        assertThat(page.locator(".timeline li")).hasCount(1);
        console.view.evaluation(RolloutEvaluation.newBuilder(evaluation(32))
                .setReason("after the restart")
                .build());
        assertThat(page.locator(".verdict")).containsText("after the restart");
    }
}
