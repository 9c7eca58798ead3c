package io.understudy.examples.flightdelay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlightFileTest {

    @TempDir
    Path directory;

    @Test
    void readsColumnsByNameInWhateverOrder() throws IOException {
        assertThat(read("origin,destination,departure,distance,delay\nDFW,ORD,2001-03-05T12:30,802,16\n"))
                .containsExactly(new Flight(LocalDateTime.of(2001, 3, 5, 12, 30), 16, 802, "DFW", "ORD"));
    }

    @Test
    void saysWhichRowIsNoFlight() {
        assertThatThrownBy(() -> read("""
                        departure,delay,distance,origin,destination
                        2001-03-05T12:30,16,802,DFW,ORD
                        2001-03-05T12:31,soon,802,DFW,ORD
                        """))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("flights.csv, row 2: For input string: \"soon\"");
    }

    @Test
    void saysWhichColumnsThereMustBe() {
        assertThatThrownBy(() -> read("when,delay\n1,2\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it must have [departure, delay, distance, origin, destination]");
    }

    private List<Flight> read(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("flights.csv"), text);
        try (Stream<Flight> flights = FlightFile.read(file)) {
            return flights.toList();
        }
    }
}
