package io.understudy.examples.flightdelay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The committed models on the committed two weeks, as serving would ask them. */
class ModelsTest {

    private static final List<double[]> FEATURES = new ArrayList<>();
    private static final List<Boolean> LATE = new ArrayList<>();

    @BeforeAll
    static void read() throws Exception {
        FlightFeatures features = new FlightFeatures(Airports.read(Path.of("models/airports.csv")));
        try (Stream<Flight> flights = FlightFile.read(Path.of("data/flights-2001-03-05.csv.gz"))) {
            flights.forEach(flight -> {
                FEATURES.add(features.of(flight));
                LATE.add(flight.isLate());
            });
        }
    }

    @Test
    void theCandidateIsBetterThanTheExistingModelAndTheFaultyOnesWorse() throws Exception {
        ForecastQuality existing = quality("existing.onnx", FlightFeatures.NAMES.subList(0, 3));
        ForecastQuality candidate = quality("candidate.onnx", List.of());
        ForecastQuality broken = quality("broken.onnx", List.of());
        assertThat(existing.events()).isEqualTo(229_563);
        assertThat(existing.brier()).isCloseTo(0.1703, within(0.0002));
        assertThat(candidate.brier()).isCloseTo(0.1584, within(0.0002));
        assertThat(broken.brier()).isCloseTo(0.1890, within(0.0002));
        assertThat(quality("inverted.onnx", List.of()).brier()).isCloseTo(0.5161, within(0.0002));
        assertThat(candidate.logLoss()).isLessThan(existing.logLoss() - 0.02);
        assertThat(broken.logLoss()).isGreaterThan(existing.logLoss() + 0.05);
    }

    /** Asks a model for every flight: by named columns, or by one vector when no names are given. */
    private static ForecastQuality quality(String model, List<String> columns) throws Exception {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        ForecastQuality quality = new ForecastQuality();
        try (OrtSession session =
                environment.createSession(Path.of("models", model).toString())) {
            float[][] rows = new float[FEATURES.size()][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = floats(FEATURES.get(i));
            }
            Map<String, OnnxTensor> inputs = new HashMap<>();
            if (columns.isEmpty()) {
                inputs.put("features", OnnxTensor.createTensor(environment, rows));
            } else {
                for (int column = 0; column < columns.size(); column++) {
                    inputs.put(columns.get(column), OnnxTensor.createTensor(environment, column(rows, column)));
                }
            }
            try (OrtSession.Result result = session.run(inputs)) {
                float[][] scores =
                        (float[][]) result.get("probability").orElseThrow().getValue();
                for (int i = 0; i < scores.length; i++) {
                    quality.add(scores[i][0], LATE.get(i));
                }
            }
            inputs.values().forEach(OnnxTensor::close);
        }
        return quality;
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    private static float[][] column(float[][] rows, int column) {
        float[][] values = new float[rows.length][1];
        for (int i = 0; i < rows.length; i++) {
            values[i][0] = rows[i][column];
        }
        return values;
    }
}
