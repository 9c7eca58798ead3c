package io.understudy.examples.flightdelay.startdays;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.understudy.examples.flightdelay.FlightFeatures;
import io.understudy.schema.Model;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The probabilities that an ONNX model of the example gives to rows of features. */
final class OnnxScores {

    private static final int BATCH = 10_000;

    private OnnxScores() {}

    /**
     * Scores every row.
     *
     * @param home directory that the location of the model is relative to
     * @param rows features in the order of {@link FlightFeatures#NAMES}
     * @return the probability of each row, 0 to 1
     */
    static float[] of(Path home, Model model, List<float[]> rows) throws OrtException {
        float[] scores = new float[rows.size()];
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session =
                environment.createSession(home.resolve(model.getLocation()).toString())) {
            for (int from = 0; from < scores.length; from += BATCH) {
                List<float[]> batch = rows.subList(from, Math.min(scores.length, from + BATCH));
                Map<String, OnnxTensor> inputs = inputs(environment, session, model, batch);
                try (OrtSession.Result result = session.run(inputs)) {
                    FloatBuffer output = ((OnnxTensor) result.get(0)).getFloatBuffer();
                    output.get(scores, from, batch.size());
                } finally {
                    inputs.values().forEach(OnnxTensor::close);
                }
            }
        }
        return scores;
    }

    /** One vector if the model declares the features of one, otherwise one input per feature, named like it. */
    private static Map<String, OnnxTensor> inputs(
            OrtEnvironment environment, OrtSession session, Model model, List<float[]> batch) throws OrtException {
        Map<String, OnnxTensor> inputs = new HashMap<>();
        for (String input : session.getInputNames()) {
            List<String> columns = model.getFeatures().isEmpty() ? List.of(input) : model.getFeatures();
            int[] indexes =
                    columns.stream().mapToInt(FlightFeatures.NAMES::indexOf).toArray();
            FloatBuffer values = FloatBuffer.allocate(batch.size() * indexes.length);
            for (float[] row : batch) {
                for (int index : indexes) {
                    values.put(row[index]);
                }
            }
            inputs.put(
                    input,
                    OnnxTensor.createTensor(environment, values.flip(), new long[] {batch.size(), indexes.length}));
        }
        return inputs;
    }
}
