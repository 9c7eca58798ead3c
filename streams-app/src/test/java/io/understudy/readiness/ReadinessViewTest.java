package io.understudy.readiness;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.schema.ModelReadiness;
import io.understudy.schema.ReadinessStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ReadinessViewTest {

    private final AtomicLong nanos = new AtomicLong(-5);
    private final ReadinessView view = new ReadinessView(nanos::get);

    @Test
    void whatWasSaidCountsForTenSeconds() {
        view.hear(said("a", "sums", "v2"));
        pass(Duration.ofSeconds(10));
        assertThat(view.model("candidate", "sums", "v2")).hasSize(1);
        pass(Duration.ofMillis(1));
        assertThat(view.model("candidate", "sums", "v2")).isEmpty();
        view.hear(said("a", "sums", "v2"));
        assertThat(view.model("candidate", "sums", "v2")).hasSize(1);
        pass(Duration.ofSeconds(11));
        view.forgetSilent();
        assertThat(view.model("candidate", "sums", "v2")).isEmpty();
    }

    @Test
    void tellsLanesModelsAndProgramsApart() {
        view.hear(said("b", "sums", "v2"));
        view.hear(said("a", "sums", "v2"));
        view.hear(said("a", "sums", "v3"));
        view.hear(said("a", null, null));
        assertThat(view.model("candidate", "sums", "v2"))
                .extracting(ModelReadiness::getInstance)
                .containsExactly("a", "b");
        assertThat(view.model("existing", "sums", "v2")).isEmpty();
        assertThat(view.lane("candidate")).hasSize(1);
    }

    @Test
    void aTombstoneTakesBackWhatItsKeyNames() {
        view.hear(said("a|1", "sums", "v2"));
        view.hear(said("b", "sums", "v2"));
        ReadinessKey key = ReadinessKey.of(said("a|1", "sums", "v2"));
        assertThat(key.bytes()).asString(UTF_8).isEqualTo("a|1|candidate|sums|v2");
        view.takenBack(ReadinessKey.read(key.bytes()).orElseThrow());
        assertThat(view.model("candidate", "sums", "v2"))
                .extracting(ModelReadiness::getInstance)
                .containsExactly("b");
    }

    @Test
    void readsTheKeyOfALaneAndRefusesOthers() {
        ReadinessKey lane = new ReadinessKey("a", "candidate", null, null);
        assertThat(lane.bytes()).asString(UTF_8).isEqualTo("a|candidate||");
        assertThat(ReadinessKey.read(lane.bytes())).contains(lane);
        assertThat(ReadinessKey.read("a|candidate".getBytes(UTF_8))).isEmpty();
        assertThat(ReadinessKey.read(null)).isEmpty();
    }

    @Test
    void knowsWhenEverybodyHasHadTheChanceToSpeak() {
        assertThat(view.hasHeardEverybody()).isFalse();
        view.listening();
        pass(Duration.ofSeconds(4));
        assertThat(view.hasHeardEverybody()).isFalse();
        pass(Duration.ofMillis(1));
        assertThat(view.hasHeardEverybody()).isTrue();
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private static ModelReadiness said(String instance, String deployment, String version) {
        return ModelReadiness.newBuilder()
                .setInstance(instance)
                .setLane("candidate")
                .setDeployment(deployment)
                .setVersion(version)
                .setStatus(ReadinessStatus.READY)
                .setAt(Instant.EPOCH)
                .build();
    }
}
