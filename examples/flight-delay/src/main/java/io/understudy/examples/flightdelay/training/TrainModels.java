package io.understudy.examples.flightdelay.training;

import io.understudy.examples.flightdelay.Airports;
import io.understudy.examples.flightdelay.Flight;
import io.understudy.examples.flightdelay.FlightFeatures;
import io.understudy.examples.flightdelay.FlightFile;
import io.understudy.examples.flightdelay.ForecastQuality;
import io.understudy.examples.flightdelay.LateRates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Month;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;

/**
 * Trains the four models of the example on January and February, tests them on March, and writes them together with
 * the late rates of the airports. Arguments: the file of flights, the directory to write to.
 */
public final class TrainModels {

    private final List<Row> training = new ArrayList<>();
    private final List<Row> test = new ArrayList<>();

    private TrainModels() {}

    /** Trains, tests and writes the models. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            System.err.println("usage: TrainModels FLIGHTS.csv.gz DIRECTORY");
            return;
        }
        new TrainModels().run(Path.of(arguments[0]), Path.of(arguments[1]));
    }

    private void run(Path flights, Path directory) throws IOException {
        Files.createDirectories(directory);
        Airports airports = airports(flights);
        airports.write(directory.resolve("airports.csv"));
        // Read the rates from the file so that training uses the same rounded numbers as serving.
        read(flights, new FlightFeatures(Airports.read(directory.resolve("airports.csv"))));

        Regression existing = Regression.fit(Column.EXISTING, training);
        OnnxExport.withNamedInputs(existing, directory.resolve("existing.onnx"));
        report("existing", existing);

        Regression candidate = Regression.fit(Column.CANDIDATE, training);
        OnnxExport.withVectorInput(candidate, directory.resolve("candidate.onnx"));
        report("candidate", candidate);

        Regression broken = Regression.fit(Column.BROKEN, withRecentShare(training, share -> 100 * share));
        OnnxExport.withVectorInput(broken, directory.resolve("broken.onnx"));
        report("broken", broken);

        Regression inverted = Regression.fit(Column.INVERTED, withRecentShare(training, share -> 1 - share));
        OnnxExport.withVectorInput(inverted, directory.resolve("inverted.onnx"));
        report("inverted", inverted);
    }

    private static boolean isForTraining(Flight flight) {
        return flight.departure().getMonth() != Month.MARCH;
    }

    private static Airports airports(Path file) throws IOException {
        LateRates origins = new LateRates();
        LateRates destinations = new LateRates();
        try (Stream<Flight> flights = FlightFile.read(file)) {
            flights.filter(TrainModels::isForTraining).forEach(flight -> {
                origins.add(flight.origin(), flight.isLate());
                destinations.add(flight.destination(), flight.isLate());
            });
        }
        return new Airports(origins.byAirport(), destinations.byAirport(), origins.overall());
    }

    private void read(Path file, FlightFeatures features) throws IOException {
        try (Stream<Flight> flights = FlightFile.read(file)) {
            flights.forEach(flight ->
                    (isForTraining(flight) ? training : test).add(new Row(features.of(flight), flight.isLate())));
        }
    }

    /** The rows of a faulty pipeline, which computes {@code fault} of the recent share. */
    private static List<Row> withRecentShare(List<Row> rows, DoubleUnaryOperator fault) {
        int share = FlightFeatures.NAMES.indexOf("origin_recent_late_share");
        return rows.stream()
                .map(row -> {
                    double[] features = row.features().clone();
                    features[share] = fault.applyAsDouble(features[share]);
                    return new Row(features, row.late());
                })
                .toList();
    }

    private void report(String name, Regression regression) {
        ForecastQuality quality = new ForecastQuality();
        test.forEach(row -> quality.add(regression.predict(row), row.late()));
        System.out.printf(
                "%-10s %d flights in March: log loss %.4f, Brier %.4f%n",
                name, quality.events(), quality.logLoss(), quality.brier());
    }
}
