package io.understudy.scoring;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import io.understudy.rollout.UnusableModelException;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX model that runs in this process, on the calling thread. {@link Answer#of} says how its output is read. A
 * second output with one string or integer per row is the label.
 */
final class OnnxModel implements LoadedModel {

    private final OrtEnvironment environment;
    private final OrtSession session;
    private final OnnxSignature signature;
    private final ReadWriteLock use = new ReentrantReadWriteLock();
    private boolean closed;

    private OnnxModel(OrtEnvironment environment, OrtSession session, OnnxSignature signature) {
        this.environment = environment;
        this.session = session;
        this.signature = signature;
    }

    /**
     * Loads a model.
     *
     * @param bytes content of the file
     * @param features features of a single vector input; empty if the inputs have the names of features
     * @param outputName output to read; empty means the first one with floating-point numbers
     * @throws UnusableModelException if it is not an ONNX model, or its inputs or outputs cannot be used
     */
    static OnnxModel load(byte[] bytes, List<String> features, Optional<String> outputName)
            throws UnusableModelException {
        OrtSession session = null;
        try {
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            environment.setTelemetry(false);
            try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
                // Batches are small and there are several lanes: threads of the runtime would only compete with the
                // workers.
                options.setIntraOpNumThreads(1);
                options.setInterOpNumThreads(1);
                // Answers contain the reasons of failures, so the runtime does not have to print them.
                options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
                session = environment.createSession(bytes, options);
            }
            return new OnnxModel(environment, session, OnnxSignature.of(session, features, outputName));
        } catch (OrtException e) {
            close(session);
            throw new UnusableModelException("cannot be loaded as ONNX: " + e.getMessage(), e);
        } catch (UnusableModelException e) {
            close(session);
            throw e;
        }
    }

    @Override
    public CompletableFuture<List<Answer>> score(List<Map<String, Object>> rows) {
        use.readLock().lock();
        try {
            if (closed) {
                return CompletableFuture.completedFuture(
                        Collections.nCopies(rows.size(), Answer.error("the model has been closed")));
            }
            return CompletableFuture.completedFuture(
                    signature.layout().fixedBatch() ? scoreOneByOne(rows) : scoreTogether(rows));
        } finally {
            use.readLock().unlock();
        }
    }

    private List<Answer> scoreOneByOne(List<Map<String, Object>> rows) {
        List<Answer> answers = new ArrayList<>(rows.size());
        for (Map<String, Object> row : rows) {
            answers.addAll(scoreTogether(List.of(row)));
        }
        return answers;
    }

    private List<Answer> scoreTogether(List<Map<String, Object>> rows) {
        Batch batch = new Batch(signature.layout(), rows.size());
        List<Answer> answers = new ArrayList<>(Collections.nCopies(rows.size(), null));
        int[] positions = new int[rows.size()];
        for (int i = 0; i < rows.size(); i++) {
            positions[batch.rows()] = i;
            Optional<String> fault = batch.add(rows.get(i));
            if (fault.isPresent()) {
                answers.set(i, Answer.rejected(fault.get()));
            }
        }
        if (batch.rows() > 0) {
            List<Answer> scored;
            try {
                scored = run(batch);
            } catch (OrtException e) {
                if (rows.size() > 1) {
                    // One row may have caused the failure, for example a category that the model does not know. The
                    // other rows must still get their answers.
                    return scoreOneByOne(rows);
                }
                scored = List.of(Answer.error("the model failed: " + e.getMessage()));
            }
            for (int i = 0; i < scored.size(); i++) {
                answers.set(positions[i], scored.get(i));
            }
        }
        return answers;
    }

    private List<Answer> run(Batch batch) throws OrtException {
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try {
            for (Batch.Column column : batch.columns()) {
                inputs.put(column.input().name(), tensor(column, batch.rows()));
            }
            try (OrtSession.Result result = session.run(inputs)) {
                return answers(result, batch.rows());
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private OnnxTensor tensor(Batch.Column column, int rows) throws OrtException {
        int size = rows * column.input().width();
        long[] shape = column.input().shape(rows);
        return switch (column.input().type()) {
            case FLOAT -> OnnxTensor.createTensor(environment, floats(column.numbers(), size), shape);
            case DOUBLE -> OnnxTensor.createTensor(environment, DoubleBuffer.wrap(column.numbers(), 0, size), shape);
            case INT64 -> OnnxTensor.createTensor(environment, LongBuffer.wrap(column.integers(), 0, size), shape);
            case INT32 ->
                OnnxTensor.createTensor(
                        environment,
                        IntBuffer.wrap(Arrays.stream(column.integers(), 0, size)
                                .mapToInt(Math::toIntExact)
                                .toArray()),
                        shape);
            case BOOL ->
                OnnxTensor.createTensor(environment, booleans(column.integers(), size), shape, OnnxJavaType.BOOL);
            case STRING -> OnnxTensor.createTensor(environment, Arrays.copyOf(column.strings(), size), shape);
        };
    }

    private static FloatBuffer floats(double[] numbers, int size) {
        FloatBuffer floats = FloatBuffer.allocate(size);
        for (int i = 0; i < size; i++) {
            floats.put(i, (float) numbers[i]);
        }
        return floats;
    }

    private static ByteBuffer booleans(long[] integers, int size) {
        ByteBuffer booleans = ByteBuffer.allocateDirect(size);
        for (int i = 0; i < size; i++) {
            booleans.put(i, (byte) integers[i]);
        }
        return booleans;
    }

    private List<Answer> answers(OrtSession.Result result, int rows) throws OrtException {
        double[] numbers = numbers((OnnxTensor) result.get(signature.output()).orElseThrow());
        if (numbers.length == 0 || numbers.length % rows != 0) {
            throw new OrtException(
                    "output '" + signature.output() + "' has " + numbers.length + " numbers for " + rows + " rows");
        }
        int width = numbers.length / rows;
        Optional<String[]> labels = labels(result, rows);
        List<Answer> answers = new ArrayList<>(rows);
        for (int row = 0; row < rows; row++) {
            String label = labels.isEmpty() ? null : labels.get()[row];
            answers.add(Answer.of(numbers, row * width, width, label));
        }
        return answers;
    }

    private static double[] numbers(OnnxTensor tensor) {
        if (tensor.getInfo().type == OnnxJavaType.DOUBLE) {
            DoubleBuffer buffer = tensor.getDoubleBuffer();
            double[] numbers = new double[buffer.remaining()];
            buffer.get(numbers);
            return numbers;
        }
        FloatBuffer buffer = tensor.getFloatBuffer();
        double[] numbers = new double[buffer.remaining()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = buffer.get(i);
        }
        return numbers;
    }

    private Optional<String[]> labels(OrtSession.Result result, int rows) throws OrtException {
        if (signature.labelOutput().isEmpty()) {
            return Optional.empty();
        }
        Object value = result.get(signature.labelOutput().get()).orElseThrow().getValue();
        Optional<String[]> labels = Optional.empty();
        if (value instanceof String[] strings) {
            labels = Optional.of(strings);
        } else if (value instanceof long[] numbers) {
            labels = Optional.of(Arrays.stream(numbers).mapToObj(Long::toString).toArray(String[]::new));
        }
        return labels.filter(values -> values.length == rows);
    }

    /** Closes the session, unless it is scoring: closing it then would crash the process. */
    @Override
    public void close() {
        if (use.writeLock().tryLock()) {
            try {
                closed = true;
                close(session);
            } finally {
                use.writeLock().unlock();
            }
        }
    }

    private static void close(@Nullable OrtSession session) {
        try {
            if (session != null) {
                session.close();
            }
        } catch (OrtException e) {
            throw new IllegalStateException("cannot close an ONNX session", e);
        }
    }
}
