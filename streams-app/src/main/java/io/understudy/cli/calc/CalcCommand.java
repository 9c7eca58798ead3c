package io.understudy.cli.calc;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command {@code understudy calc}. */
@Command(
        name = "calc",
        mixinStandardHelpOptions = true,
        description =
                "Computes one statistical test per line: reads a JSON object from each line and prints a JSON object, in the same order. "
                        + "The answer to an invalid line is {\"error\": ...}; the command then continues with the next line. "
                        + "docs/judging.md describes the tests and their fields; the answer to an unknown test lists all tests.")
public final class CalcCommand implements Callable<Integer> {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (!line.isBlank()) {
                out.println(answer(line));
                out.flush();
            }
        }
        return 0;
    }

    /** The answer to one line, as JSON. */
    static String answer(String line) throws JsonProcessingException {
        ObjectNode answer;
        try {
            JsonNode request = JSON.readTree(line);
            answer = Calculator.answer(request);
        } catch (JsonProcessingException e) {
            answer = error("not valid JSON: " + e.getOriginalMessage());
        } catch (IllegalArgumentException | ArithmeticException e) {
            answer = error(e.getMessage());
        }
        return JSON.writeValueAsString(answer);
    }

    private static ObjectNode error(@Nullable String message) {
        return JSON.createObjectNode().put("error", message);
    }
}
