package io.understudy.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Parses the text of a specification and hands the document to a reader. */
public final class SpecText {

    private static final Pattern DECIMAL = Pattern.compile("[-+]?(?:0|[1-9][0-9_]*)");

    private SpecText() {}

    /**
     * Parses {@code yaml} and passes the document's root to {@code reader}.
     *
     * @throws InvalidSpecException when the document cannot be used, with every fault
     */
    public static <T> T read(String yaml, Function<SpecNode, T> reader) {
        return read(yaml, Mappers.YAML, "YAML", root -> {
            checkSpelling(yaml, root);
            return reader.apply(root);
        });
    }

    /**
     * Reports what a tree does not show as it is written: an alias, which it has as the text of its name, and a whole
     * number that is not decimal, which its author and its readers may take for another one.
     */
    private static void checkSpelling(String yaml, SpecNode root) {
        try (YAMLParser parser = Mappers.YAML.getFactory().createParser(yaml)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (parser.isCurrentAlias()) {
                    root.fault("the alias *" + parser.getText() + " at line "
                            + parser.currentTokenLocation().getLineNr() + " is not read; write out what it stands for");
                } else if (token == JsonToken.VALUE_NUMBER_INT
                        && !DECIMAL.matcher(parser.getText()).matches()) {
                    root.at(parser.getParsingContext().pathAsPointer())
                            .fault(
                                    "'" + parser.getText()
                                            + "' is not a decimal number; write it with the digits 0 to 9, without a leading 0");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Parses {@code json} and passes the document's root to {@code reader}.
     *
     * @throws InvalidSpecException when the document cannot be used, with every fault
     */
    public static <T> T readJson(String json, Function<SpecNode, T> reader) {
        return read(json, Mappers.JSON, "JSON", reader);
    }

    private static <T> T read(String text, ObjectMapper mapper, String language, Function<SpecNode, T> reader) {
        Faults faults;
        JsonNode document;
        try {
            document = mapper.readTree(text);
            faults = Faults.none(text, mapper);
        } catch (MismatchedInputException e) {
            throw new InvalidSpecException(List.of(
                    "the document: a second " + language + " document begins" + line(e) + "; write one document"));
        } catch (JsonProcessingException e) {
            throw new InvalidSpecException(
                    List.of("the document: not valid " + language + line(e) + ": " + e.getOriginalMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        T value = reader.apply(new SpecNode("", document == null ? MissingNode.getInstance() : document, faults));
        if (!faults.messages().isEmpty()) {
            throw new InvalidSpecException(faults.messages());
        }
        return value;
    }

    private static String line(JsonProcessingException e) {
        return e.getLocation() == null ? "" : " at line " + e.getLocation().getLineNr();
    }
}
