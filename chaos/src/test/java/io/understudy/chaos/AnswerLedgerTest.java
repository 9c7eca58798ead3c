package io.understudy.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.assignment.HashBuckets;
import io.understudy.schema.Arm;
import io.understudy.schema.Prediction;
import io.understudy.schema.PredictionStatus;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AnswerLedgerTest {

    private final Violations violations = new Violations();
    private final AnswerLedger ledger = new AnswerLedger(violations, new RolloutLedger(violations), new Silences());

    private static Prediction.Builder answer(String id) {
        return Prediction.newBuilder()
                .setRequestId(id)
                .setDeployment("d")
                .setModelVersion("v1")
                .setArm(Arm.EXISTING)
                .setMirrored(false)
                .setStatus(PredictionStatus.OK)
                .setFallback(false)
                .setReceivedAt(Instant.EPOCH);
    }

    @Test
    void anAnswerToEachRequestInItsPartitionIsNoViolation() {
        ledger.request("d", "1", 2, 0);
        ledger.served("key", 2, answer("1").build(), 10);
        ledger.ofCandidate(
                answer("1").setMirrored(true).setRollout("r").setEpoch(1).build());
        ledger.close();

        assertThat(violations.texts()).isEmpty();
        assertThat(ledger.isComplete()).isTrue();
    }

    @Test
    void anAnswerMayBeReadBeforeItsRequest() {
        ledger.served("key", 2, answer("1").build(), 10);
        ledger.request("d", "1", 2, 20);
        ledger.close();

        assertThat(violations.texts()).isEmpty();
    }

    @Test
    void aRequestWithoutAnAnswerIsLost() {
        ledger.request("d", "1", 2, 0);
        ledger.close();

        assertThat(violations.texts()).containsExactly("request 1 of partition 2 is lost");
    }

    @Test
    void twoAnswersAreAViolation() {
        ledger.request("d", "1", 2, 0);
        ledger.served("key", 2, answer("1").build(), 10);
        ledger.served("key", 2, answer("1").build(), 20);

        assertThat(violations.texts()).singleElement().asString().startsWith("request 1 has 2 answers");
    }

    @Test
    void anAnswerInAnotherPartitionIsAViolation() {
        ledger.request("d", "1", 2, 0);
        ledger.served("key", 1, answer("1").build(), 10);

        assertThat(violations.texts()).containsExactly("request 1 of partition 2 is answered in partition 1");
    }

    @Test
    void anAnswerInShadowThatIsServedIsAViolation() {
        ledger.request("d", "1", 2, 0);
        ledger.served("key", 2, answer("1").setMirrored(true).build(), 10);

        assertThat(violations.texts()).singleElement().asString().startsWith("an answer in shadow was served");
    }

    @Test
    void twoAnswersOfTheCandidateAreAViolation() {
        ledger.ofCandidate(
                answer("1").setMirrored(true).setRollout("r").setEpoch(1).build());
        ledger.ofCandidate(
                answer("1").setMirrored(true).setRollout("r").setEpoch(1).build());

        assertThat(violations.texts()).singleElement().asString().startsWith("the candidate has answered request 1 2");
    }

    @Test
    void anAnswerThatNobodyAskedForIsAViolation() {
        ledger.served("key", 2, answer("1").build(), 10);
        ledger.close();

        assertThat(violations.texts()).containsExactly("request 1 was answered and never asked");
    }

    @Test
    void bucketsAreThoseOfTheAssignment() {
        for (int i = 0; i < 1000; i++) {
            assertThat(RolloutLedger.bucket("salt" + "unit-" + i)).isEqualTo(HashBuckets.of("salt", "unit-" + i));
        }
    }
}
