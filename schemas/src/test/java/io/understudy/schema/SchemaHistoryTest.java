package io.understudy.schema;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericData;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every version of a schema that ever was is kept in {@code src/main/resources/.../history/RECORD/N.avsc}, and today's
 * is the newest of them.
 */
class SchemaHistoryTest {

    private static final Path HISTORY = Path.of("src/main/resources/io/understudy/schema/history");
    private static final Path PROPOSED = Path.of("target/history");

    static Stream<Schema> records() {
        return Stream.of(
                PredictionRequest.getClassSchema(),
                Prediction.getClassSchema(),
                Outcome.getClassSchema(),
                RolloutCommand.getClassSchema(),
                RolloutState.getClassSchema(),
                RolloutEvent.getClassSchema(),
                RolloutEvaluation.getClassSchema(),
                ModelReadiness.getClassSchema(),
                EvidenceBlock.getClassSchema(),
                PartialEvidence.getClassSchema(),
                OpenEvidence.getClassSchema(),
                WindowClockState.getClassSchema(),
                PendingRequest.getClassSchema(),
                GuardedRequests.getClassSchema(),
                StageEvidenceState.getClassSchema());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("records")
    void todaysSchemaIsTheNewestVersionKept(Schema today) throws IOException {
        List<Schema> versions = versions(today);
        Path proposed = PROPOSED.resolve(today.getName()).resolve(versions.size() + 1 + ".avsc");
        Files.createDirectories(proposed.getParent());
        Files.writeString(proposed, today.toString(true) + "\n", UTF_8);
        assertThat(versions)
                .as("%s has changed: keep it as its next version, %s", today.getName(), proposed)
                .isNotEmpty()
                .last()
                .isEqualTo(today);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("records")
    void everyVersionReadsEveryOther(Schema today) throws IOException {
        List<Schema> versions = new ArrayList<>(versions(today));
        versions.add(today);
        for (Schema writer : versions) {
            for (Schema reader : versions) {
                assertThat(SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                                .getType())
                        .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
            }
        }
    }

    /** What an application kept for itself before an upgrade is read after it. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("kept")
    void readsWhatEveryVersionKept(BinaryMessageDecoder<?> decoder, Schema today) throws IOException {
        SchemaClasses.trust();
        assertThat(versions(today)).isNotEmpty();
        for (Schema version : versions(today)) {
            var old = new RandomData(version, 1, 42L).iterator().next();
            ByteBuffer bytes = new BinaryMessageEncoder<>(GenericData.get(), version).encode(old);
            assertThat(decoder.decode(bytes)).isInstanceOf(SpecificRecord.class);
        }
    }

    static Stream<Arguments> kept() {
        return Stream.of(
                Arguments.of(StageEvidenceState.getDecoder(), StageEvidenceState.getClassSchema()),
                Arguments.of(PartialEvidence.getDecoder(), PartialEvidence.getClassSchema()),
                Arguments.of(OpenEvidence.getDecoder(), OpenEvidence.getClassSchema()),
                Arguments.of(WindowClockState.getDecoder(), WindowClockState.getClassSchema()),
                Arguments.of(PendingRequest.getDecoder(), PendingRequest.getClassSchema()),
                Arguments.of(GuardedRequests.getDecoder(), GuardedRequests.getClassSchema()));
    }

    private static List<Schema> versions(Schema record) throws IOException {
        Path directory = HISTORY.resolve(record.getName());
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        List<Schema> versions = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.sorted(Comparator.comparingInt(SchemaHistoryTest::number))
                    .toList()) {
                versions.add(new Schema.Parser().parse(Files.readString(file, UTF_8)));
            }
        }
        return versions;
    }

    private static int number(Path file) {
        return Integer.parseInt(file.getFileName().toString().replace(".avsc", ""));
    }
}
