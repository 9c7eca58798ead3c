package io.understudy.evidence;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.understudy.plan.EvidencePlan;
import io.understudy.schema.Arm;
import io.understudy.schema.CentredMoments;
import io.understudy.schema.Disagreement;
import io.understudy.schema.EvidenceBlock;
import io.understudy.schema.MetricTally;
import io.understudy.testing.Windows;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowCountsTest {

    private static final EvidencePlan PLAN = Windows.ARMS_OF_REQUESTS;

    @Provide
    Arbitrary<EvidencePlan> plans() {
        return Arbitraries.of(Windows.PLANS);
    }

    private static WindowCounts of(EvidencePlan plan, List<Integer> requests) {
        WindowCounts window = Windows.empty(plan);
        requests.forEach(request -> Windows.add(window, plan, request));
        return window;
    }

    private static WindowCounts merged(EvidencePlan plan, WindowCounts... parts) {
        WindowCounts window = Windows.empty(plan);
        for (WindowCounts part : parts) {
            window.addAll(part);
        }
        return window;
    }

    private static void same(WindowCounts actual, WindowCounts expected) {
        EvidenceBlock left = WindowCountsCodec.encode(actual, Instant.EPOCH);
        EvidenceBlock right = WindowCountsCodec.encode(expected, Instant.EPOCH);
        for (int i = 0; i < left.getMetrics().size(); i++) {
            sameMoments(left.getMetrics().get(i), right.getMetrics().get(i));
        }
        assertThat(withoutMoments(left)).isEqualTo(withoutMoments(right));
    }

    private static EvidenceBlock withoutMoments(EvidenceBlock record) {
        return EvidenceBlock.newBuilder(record)
                .setMetrics(record.getMetrics().stream()
                        .map(metric -> MetricTally.newBuilder(metric)
                                .setMoments(List.of())
                                .build())
                        .toList())
                .build();
    }

    /** Their sums may be added in another order, so the last digits may differ. */
    private static void sameMoments(MetricTally left, MetricTally right) {
        assertThat(left.getMoments()).hasSameSizeAs(right.getMoments());
        for (int i = 0; i < left.getMoments().size(); i++) {
            CentredMoments a = left.getMoments().get(i);
            CentredMoments b = right.getMoments().get(i);
            assertThat(a.getN()).isEqualTo(b.getN());
            assertThat(new double[] {a.getMean(), a.getM2(), a.getM3()})
                    .containsExactly(new double[] {b.getMean(), b.getM2(), b.getM3()}, within(1e-9));
        }
    }

    @Property(tries = 60)
    void mergingIsCommutativeAndIndependentOfThePartition(
            @ForAll("plans") EvidencePlan plan,
            @ForAll @Size(max = 60) List<@IntRange(max = 100_000) Integer> requests,
            @ForAll @IntRange(max = 60) int cut) {
        int at = Math.min(cut, requests.size());
        WindowCounts whole = of(plan, requests);
        WindowCounts left = of(plan, requests.subList(0, at));
        WindowCounts right = of(plan, requests.subList(at, requests.size()));

        same(merged(plan, left, right), whole);
        same(merged(plan, right, left), whole);
    }

    @Property(tries = 60)
    void mergingIsAssociative(
            @ForAll("plans") EvidencePlan plan,
            @ForAll @Size(max = 20) List<@IntRange(max = 100_000) Integer> one,
            @ForAll @Size(max = 20) List<@IntRange(max = 100_000) Integer> two,
            @ForAll @Size(max = 20) List<@IntRange(max = 100_000) Integer> three) {
        WindowCounts first = of(plan, one);
        WindowCounts second = of(plan, two);
        WindowCounts third = of(plan, three);

        WindowCounts leftFirst = merged(plan, merged(plan, first, second), third);
        WindowCounts rightFirst = merged(plan, first, merged(plan, second, third));

        same(leftFirst, rightFirst);
    }

    @Test
    void countsRequestsKeysAndOutcomesByArm() {
        WindowCounts window = Windows.empty(PLAN);
        byte[] key = "key".getBytes(UTF_8);

        window.request(Arm.EXISTING, key);
        window.request(Arm.EXISTING, key);
        window.request(Arm.EXISTING, null);
        window.request(Arm.CANDIDATE, key);
        window.labelled(Arm.EXISTING);
        window.labelled(Arm.EXISTING);
        window.labelled(Arm.CANDIDATE);

        assertThat(window.existingRequests()).isEqualTo(3);
        assertThat(window.candidateRequests()).isEqualTo(1);
        assertThat(window.existingKeys().count()).isEqualTo(1);
        assertThat(window.candidateKeys().count()).isEqualTo(1);
        assertThat(window.existingLabelled()).isEqualTo(2);
        assertThat(window.candidateLabelled()).isEqualTo(1);
    }

    @Test
    void anUndefinedObservationIsNotCounted() {
        WindowCounts arms = Windows.empty(PLAN);
        WindowCounts shadow = Windows.empty(Windows.SHADOW_OF_REQUESTS);

        arms.observe(0, Arm.CANDIDATE, 0, Double.NaN);
        arms.answer(Arm.CANDIDATE, Double.NaN, Double.NaN);
        shadow.observePair(1, 0, Double.NaN, Double.NaN);

        assertThat(arms.isEmpty()).isTrue();
        assertThat(arms.candidateAnswers().scores().total()).isZero();
        assertThat(arms.candidateAnswers().latencies().total()).isZero();
        assertThat(shadow.isEmpty()).isTrue();
    }

    @Test
    void isNotEmptyOnceAnythingHasComeIn() {
        WindowCounts request = Windows.empty(PLAN);
        WindowCounts outcome = Windows.empty(PLAN);
        WindowCounts observation = Windows.empty(PLAN);
        WindowCounts pair = Windows.empty(Windows.SHADOW_OF_REQUESTS);

        request.request(Arm.CANDIDATE, null);
        outcome.labelled(Arm.EXISTING);
        observation.observe(0, Arm.EXISTING, 0, 0);
        pair.observePair(1, 0, 0, 0);

        assertThat(List.of(request, outcome, observation, pair)).noneMatch(WindowCounts::isEmpty);
        assertThat(merged(PLAN, observation).isEmpty()).isFalse();
        assertThat(Windows.empty(PLAN).isEmpty()).isTrue();
    }

    @Test
    void keepsTheTenLargestDisagreementsLargestFirst() {
        WindowCounts window = Windows.empty(Windows.SHADOW_OF_REQUESTS);

        IntStream.rangeClosed(1, 20).forEach(i -> window.disagreement("r" + i, 100, i % 2 == 0 ? 100 + i : 100 - i));

        assertThat(window.disagreements())
                .extracting(Disagreement::getRequestId)
                .containsExactly("r20", "r19", "r18", "r17", "r16", "r15", "r14", "r13", "r12", "r11");
    }

    @Test
    void breaksTiesOfDisagreementsByRequestWhateverTheirOrder() {
        WindowCounts forwards = Windows.empty(PLAN);
        WindowCounts backwards = Windows.empty(PLAN);

        IntStream.range(10, 30).forEach(i -> forwards.disagreement("r" + i, 0, 1));
        IntStream.range(10, 30).forEach(i -> backwards.disagreement("r" + (39 - i), 0, 1));

        assertThat(forwards.disagreements()).isEqualTo(backwards.disagreements());
        assertThat(forwards.disagreements().get(0).getRequestId()).isEqualTo("r10");
    }

    @Test
    void answersThatAgreeOrAreMissingAreNotADisagreement() {
        WindowCounts window = Windows.empty(PLAN);

        window.disagreement("same", 0.5, 0.5);
        window.disagreement("without existing", Double.NaN, 0.5);
        window.disagreement("without candidate", 0.5, Double.NaN);

        assertThat(window.disagreements()).isEmpty();
    }

    @Test
    void aWindowThatTheWallClockClosedInOnePartitionWasClosedByIt() {
        WindowCounts silent = Windows.empty(PLAN);
        silent.closedByWallClock();

        assertThat(merged(PLAN, silent, Windows.empty(PLAN)).isClosedByWallClock())
                .isTrue();
        assertThat(merged(PLAN, Windows.empty(PLAN)).isClosedByWallClock()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"'', 448", "a, 427", "customer-42, 141", "kunde-ä, 48"})
    void aKeyStaysInTheBucketOfItsMurmurHash(String key, int bucket) {
        assertThat(WindowCounts.bucket(key.getBytes(UTF_8))).isEqualTo(bucket);
    }

    @Test
    void spreadsKeysEvenlyOverTheBuckets() {
        int[] counts = new int[512];
        IntStream.range(0, 51_200).forEach(i -> counts[WindowCounts.bucket(("key-" + i).getBytes(UTF_8))]++);

        assertThat(counts).doesNotContain(0);
        assertThat(IntStream.of(counts).max().orElseThrow()).isLessThan(150);
        assertThat(IntStream.of(counts).min().orElseThrow()).isGreaterThan(55);
    }
}
