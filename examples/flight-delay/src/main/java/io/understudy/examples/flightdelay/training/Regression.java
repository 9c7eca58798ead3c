package io.understudy.examples.flightdelay.training;

import java.time.OffsetDateTime;
import java.util.List;
import org.tribuo.Example;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.sgd.linear.LinearSGDModel;
import org.tribuo.classification.sgd.linear.LinearSGDTrainer;
import org.tribuo.classification.sgd.objectives.LogMulticlass;
import org.tribuo.impl.ArrayExample;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/**
 * A logistic regression that predicts whether a flight is late.
 *
 * @param columns features, in the order of the model
 * @param model the fitted model
 */
record Regression(List<Column> columns, LinearSGDModel model) {

    static final Label LATE = new Label("late");
    private static final Label ON_TIME = new Label("on-time");

    private static final double LEARNING_RATE = 0.02;
    private static final int EPOCHS = 2;
    private static final long SEED = 1;

    /** Fits a regression. The same rows give the same model. */
    static Regression fit(List<Column> columns, List<Row> rows) {
        LabelFactory labels = new LabelFactory();
        MutableDataset<Label> dataset = new MutableDataset<>(
                new SimpleDataSourceProvenance("flights", OffsetDateTime.parse("2001-03-01T00:00:00Z"), labels),
                labels);
        for (Row row : rows) {
            dataset.add(example(columns, row));
        }
        LinearSGDTrainer trainer =
                new LinearSGDTrainer(new LogMulticlass(), new AdaGrad(LEARNING_RATE), EPOCHS, -1, 1, SEED);
        return new Regression(columns, trainer.train(dataset));
    }

    private static Example<Label> example(List<Column> columns, Row row) {
        String[] names = columns.stream().map(Column::name).toArray(String[]::new);
        double[] values = columns.stream()
                .mapToDouble(column -> column.encode(row.features()[column.index()]))
                .toArray();
        return new ArrayExample<>(row.late() ? LATE : ON_TIME, names, values);
    }

    /** The probability that the flight is late, 0 to 1. */
    double predict(Row row) {
        return model.predict(example(columns, row))
                .getOutputScores()
                .get(LATE.getLabel())
                .getScore();
    }
}
