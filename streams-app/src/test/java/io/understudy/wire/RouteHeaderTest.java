package io.understudy.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.schema.Arm;
import io.understudy.schema.PredictionStatus;
import io.understudy.wire.Route.Part;
import io.understudy.wire.Route.Purpose;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RouteHeaderTest {

    private static final Route MIRRORED = new Route(
            "d",
            Arm.CANDIDATE,
            "v2",
            Optional.of(Route.Scorer.EXTERNAL),
            Optional.of(new Part("d-v2-2", 1, 3, new Purpose.Mirror(Optional.of(60_000L)))));
    private static final Route PLAIN = new Route("d", Arm.EXISTING, "v1", Optional.empty(), Optional.empty());

    private final RouteHeaderReader reader = new RouteHeaderReader();

    @Test
    void writesTextThatAnyProgramCanRead() {
        assertThat(text(stamp(MIRRORED, new RecordHeaders())))
                .isEqualTo(
                        "deployment=d;arm=CANDIDATE;version=v2;scorer=external;rollout=d-v2-2;stage=1;epoch=3;mirrored=true;max-age=60000;received-at=40;routed-at=42");
        assertThat(text(stamp(PLAIN, new RecordHeaders())))
                .isEqualTo("deployment=d;arm=EXISTING;version=v1;received-at=40;routed-at=42");
    }

    @Test
    void readsWhatWasWritten() throws Exception {
        Route fallback = new Route(
                "d",
                Arm.EXISTING,
                "v1",
                Optional.of(Route.Scorer.BUILT_IN),
                Optional.of(new Part("d-v2-2", 1, 3, new Purpose.Fallback(PredictionStatus.TIMEOUT))));
        assertThat(reader.read(stamp(fallback, new RecordHeaders())))
                .isEqualTo(new Routed(fallback, Optional.of(40L), 42));
        assertThat(reader.read(stamp(MIRRORED, new RecordHeaders())))
                .isEqualTo(new Routed(MIRRORED, Optional.of(40L), 42));
        assertThat(reader.read(stamp(PLAIN, new RecordHeaders()))).isEqualTo(new Routed(PLAIN, Optional.of(40L), 42));
    }

    @Test
    void readsTheHeaderOfARouterThatDidNotWriteTheTimeOfTheSender() throws Exception {
        Headers headers = new RecordHeaders()
                .add(RouteHeader.NAME, "deployment=d;arm=EXISTING;version=v1;routed-at=42".getBytes(UTF_8));
        assertThat(reader.read(headers)).isEqualTo(new Routed(PLAIN, Optional.empty(), 42));
    }

    @Test
    void keepsReceivedHeadersExceptThoseWithTheReservedPrefix() throws Exception {
        Headers received = new RecordHeaders()
                .add("trace", "t-1".getBytes(UTF_8))
                .add("understudy-route", "deployment=other;arm=CANDIDATE;version=v9;routed-at=1".getBytes(UTF_8))
                .add("understudy-anything", new byte[0]);
        Headers stamped = stamp(PLAIN, received);
        assertThat(stamped).extracting(header -> header.key()).containsExactly("trace", "understudy-route");
        assertThat(reader.read(stamped).route()).isEqualTo(PLAIN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "deployment=d",
                "deployment=d;arm=EXISTING;version=v1;routed-at=soon",
                "deployment=d;arm=EXISTING;version=v1;received-at=soon;routed-at=1",
                "deployment=d;arm=BOTH;version=v1;routed-at=1",
                "arm=EXISTING;version=v1;routed-at=1",
                "deployment=d;arm=EXISTING;version=v1;scorer=somebody;routed-at=1",
                "deployment=d;arm=EXISTING;version=v1;rollout=r;stage=one;epoch=1;mirrored=true;routed-at=1",
                ";;;routed-at=1"
            })
    void rejectsAMalformedHeader(String value) {
        Headers headers = new RecordHeaders().add(RouteHeader.NAME, value.getBytes(UTF_8));
        assertThatThrownBy(() -> reader.read(headers))
                .isInstanceOf(UnusableRecordException.class)
                .hasMessageContaining("malformed");
    }

    @Test
    void rejectsARecordThatDidNotPassTheRouter() {
        assertThatThrownBy(() -> reader.read(new RecordHeaders()))
                .isInstanceOf(UnusableRecordException.class)
                .hasMessageContaining("only the router writes to a lane");
        assertThatThrownBy(() -> reader.read(new RecordHeaders().add(RouteHeader.NAME, null)))
                .isInstanceOf(UnusableRecordException.class);
    }

    private static Headers stamp(Route route, Headers received) {
        return new RouteHeader(route).stamp(received, RouteHeader.encodeTimes(40, 42));
    }

    private static String text(Headers headers) {
        return new String(headers.lastHeader(RouteHeader.NAME).value(), UTF_8);
    }
}
