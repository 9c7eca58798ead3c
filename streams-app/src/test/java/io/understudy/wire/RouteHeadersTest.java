package io.understudy.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.understudy.schema.Arm;
import io.understudy.wire.RouteHeaders.Route;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class RouteHeadersTest {

    private static final Route ROUTE = new Route("d", Arm.CANDIDATE, "v2", "d-v2-2", 1, 3, true, null);

    @Test
    void readsBackWhatWasStamped() throws Exception {
        Headers stamped = new RouteHeaders(ROUTE).stamp(new RecordHeaders(), RouteHeaders.routedAt(42));
        assertThat(RouteHeaders.read(stamped))
                .isEqualTo(new Route("d", Arm.CANDIDATE, "v2", "d-v2-2", 1, 3, true, 42L));
    }

    @Test
    void keepsUpstreamsHeadersButNotThoseUnderOurPrefix() throws Exception {
        Headers received = new RecordHeaders()
                .add("trace", "t-1".getBytes(UTF_8))
                .add("understudy-arm", "EXISTING".getBytes(UTF_8))
                .add("understudy-mirrored", "false".getBytes(UTF_8));
        Headers stamped = new RouteHeaders(ROUTE).stamp(received, RouteHeaders.routedAt(42));
        assertThat(stamped.lastHeader("trace").value()).isEqualTo("t-1".getBytes(UTF_8));
        assertThat(RouteHeaders.read(stamped).arm()).isEqualTo(Arm.CANDIDATE);
        assertThat(RouteHeaders.read(stamped).mirrored()).isTrue();
    }

    @Test
    void refusesARecordThatDidNotPassTheRouter() {
        assertThatThrownBy(() -> RouteHeaders.read(new RecordHeaders()))
                .isInstanceOf(UnusableRecordException.class)
                .hasMessageContaining("no routing headers");
        Headers garbled = new RouteHeaders(ROUTE)
                .stamp(new RecordHeaders(), RouteHeaders.routedAt(42))
                .add("understudy-stage", "two".getBytes(UTF_8));
        assertThatThrownBy(() -> RouteHeaders.read(garbled))
                .isInstanceOf(UnusableRecordException.class)
                .hasMessageContaining("garbled");
    }
}
